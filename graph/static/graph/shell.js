// Keeps this page with its files in the browser, for its service worker to show where there is no network.
import { keepPage } from "../site/kept.js";

const WORKER = "/graph/worker.js";

export async function keepShell() {
  if (!navigator.serviceWorker || !window.caches) return; // only over https, or on one's own machine
  try {
    await navigator.serviceWorker.register(WORKER);
    await keepPage(window.location.pathname, filesOfThisPage());
  } catch (error) {
    window.console.info("The page is not kept for a time without network:", error);
  }
}

function filesOfThisPage() {
  const loaded = performance.getEntriesByType("resource").map((entry) => entry.name);
  const named = [...document.querySelectorAll("link[href], script[src]")].map((node) => node.href || node.src);
  const files = [...loaded, ...named].map((address) => new URL(address)).filter(({ origin, pathname }) => origin === window.location.origin && pathname.startsWith("/static/"));
  return [...new Set(files.map(({ origin, pathname }) => origin + pathname))];
}
