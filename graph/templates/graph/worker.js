// The graph page where there is no network. The network always comes first: what was kept of the page and its files is shown only
// when nothing answers. Nothing else is touched: no answer of the API, no other page. The page itself decides what is kept.
const PAGE = "/graph/";
const FILES = "/static/";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.registration.navigationPreload?.enable()));

self.addEventListener("fetch", (event) => {
  const { method, mode, url } = event.request;
  const { origin, pathname } = new URL(url);
  if (method !== "GET" || origin !== self.location.origin) return;
  if (mode === "navigate" ? pathname === PAGE : pathname.startsWith(FILES)) event.respondWith(answer(event));
});

async function answer(event) {
  try {
    return (await event.preloadResponse) ?? (await fetch(event.request));
  } catch {
    const [address] = event.request.url.split("?");
    return (await caches.match(address, { ignoreVary: true })) ?? Response.error();
  }
}
