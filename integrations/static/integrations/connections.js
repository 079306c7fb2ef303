// The page of accounts: what is connected, what can be, and what went wrong. It looks again every two seconds while something moves.
import { get } from "../site/api.js";
import { byId, el, failure } from "../site/dom.js";
import { Account } from "./account.js";
import { Access } from "./connect.js";
import { loadFailures } from "./failures.js";
import { isMoving, sayCounts, sayPreview } from "./words.js";

const SOON_MS = 2000;
const LATER_MS = 60_000;
const BRINGS = {
  gmail: "All your mails but drafts, spam and trash. Mails can only be read here: nothing is sent, changed or deleted at Google.",
  zoho_mail: "The mails of all folders but drafts, spam and trash. They can only be read here: nothing is sent, changed or deleted at Zoho.",
  gdrive: "The text of your documents, tables, slides, PDFs and notes. Files can only be read here, never changed or deleted.",
  dropbox: "The text of your documents, tables, slides, PDFs and notes. Files can only be read here, never changed or deleted.",
};
const NEEDS = {
  gmail: "You need a Google account and a minute to allow reading in a tab that opens.",
  zoho_mail: "You need a Zoho account and a minute to allow reading in a tab that opens.",
  gdrive: "You need a Google account and a minute to allow reading in a tab that opens.",
  dropbox: "You need a Dropbox account and a minute to allow reading in a tab that opens.",
};

const accounts = new Map(); // by id, in the order of the page
const offers = new Map(); // by slug: {provider, access, button}
let connections = null;
let timer = null;
let looking = null;

async function begin() {
  try {
    const { results } = await get("integrations/providers/");
    drawProviders(results);
    await look();
    scrollToTarget();
  } catch (error) {
    byId("providers").replaceChildren(failure(error, begin));
  }
}

// --- What can be connected ---

function drawProviders(providers) {
  const configured = providers.some((provider) => provider.configured);
  const list = el("ul", { class: "plain-list providers" }, providers.map(offer));
  byId("providers").replaceChildren(...[!configured && nothingConfigured(), list].filter(Boolean));
}

function nothingConfigured() {
  return el(
    "div",
    { class: "notice" },
    el("p", {}, el("strong", {}, "Nango is not configured on this server, so no account can be connected yet.")),
    el("p", {}, "Nango is the service that keeps the keys to your accounts, so that this server never sees a password. Whoever runs the server sets NANGO_SECRET_KEY and NANGO_WEBHOOK_KEY; everything else here works without it."),
  );
}

function offer(provider) {
  const { slug, name, configured, syncing } = provider;
  const place = el("div");
  const button = el("button", { type: "button", onclick: () => connect(slug) }, "Connect", el("span", { class: "hidden" }, ` ${name}`));
  offers.set(slug, { provider, place, button, access: null });
  return el(
    "li",
    { class: "provider card" },
    el("h3", {}, name),
    el("p", {}, BRINGS[slug]),
    configured && el("p", { class: "soft small" }, syncing ? NEEDS[slug] : "Switched off on this server at the moment."),
    place,
    el("div", { class: "provider-foot" }, configured ? button : el("span", { class: "badge" }, "Not configured")),
  );
}

function connect(slug) {
  const one = offers.get(slug);
  const known = new Set((connections ?? []).map((connection) => connection.id));
  const hasArrived = (now) => now.some((connection) => connection.provider === slug && !known.has(connection.id));
  one.access?.stop();
  one.access = new Access(one.place, { what: { provider: slug }, name: one.provider.name, hasArrived, changed: look });
  one.access.start();
}

// --- What is connected ---

/** Look at everything once; who asks meanwhile gets a fresh look after this one. */
function look() {
  looking = (looking ?? Promise.resolve()).then(lookNow);
  return looking;
}

async function lookNow() {
  clearTimeout(timer);
  try {
    const { results } = await get("integrations/connections/", { limit: 100 });
    see(results.reverse());
    byId("trouble").replaceChildren();
    await loadFailures(Object.fromEntries([...offers].map(([slug, { provider }]) => [slug, provider])));
  } catch (error) {
    byId("trouble").replaceChildren(failure(error, look));
  }
  clearTimeout(timer);
  timer = setTimeout(lookIfSeen, isBusy() ? SOON_MS : LATER_MS);
}

function lookIfSeen() {
  if (document.visibilityState === "visible") look();
}

function isBusy() {
  return [...accounts.values(), ...[...offers.values()].map(({ access }) => ({ isBusy: access?.isWaiting }))].some((one) => one.isBusy);
}

function see(now) {
  const before = new Map((connections ?? []).map((connection) => [connection.id, connection]));
  const first = connections === null;
  connections = now;
  for (const id of accounts.keys()) if (!now.some((connection) => connection.id === id)) forget(id);
  for (const connection of now) accountOf(connection)?.see(connection, now);
  for (const one of offers.values()) drawOffer(one, now);
  byId("accounts").hidden = !now.length;
  if (!first) tell(now.map((connection) => newsOf(before.get(connection.id), connection)).filter(Boolean));
}

function drawOffer(one, now) {
  one.access?.look(now);
  const has = now.some((connection) => connection.provider === one.provider.slug && connection.state !== "leaving");
  const words = has ? "Connect another account" : "Connect";
  if (one.button.firstChild.textContent !== words) one.button.firstChild.textContent = words;
}

function accountOf(connection) {
  const known = accounts.get(connection.id);
  if (known) return known;
  const provider = offers.get(connection.provider)?.provider;
  if (!provider) return null;
  const account = new Account(provider, connection, look);
  accounts.set(connection.id, account);
  byId("account-list").append(account.node);
  return account;
}

function forget(id) {
  const { node } = accounts.get(id);
  const focused = node.contains(document.activeElement);
  node.remove();
  accounts.delete(id);
  if (focused) byId("main").focus();
}

// --- Told to who cannot see it ---

const tell = (news) => news.length && byId("news").replaceChildren(news.join(" "));

function newsOf(before, now) {
  const name = `${offers.get(now.provider)?.provider.name ?? now.provider} ${now.account}`.trim();
  if (!before) return `${name} is connected.`;
  if (!before.preview && now.preview && now.state === "new") return `${name}: ${sayPreview(now.preview)}.`;
  if (before.state !== now.state && now.state !== "active") return `${name} ${now.state_text}.`;
  if (isMoving(before.last_run) && now.last_run && !isMoving(now.last_run)) return `${name}: ${now.last_run.error || sayCounts(now.last_run)}.`;
  return null;
}

function scrollToTarget() {
  const target = /^#connection-\d+$/.test(window.location.hash) && document.querySelector(window.location.hash);
  if (!target) return;
  target.scrollIntoView({ block: "center" });
  target.querySelector("h3").focus({ preventScroll: true });
}

document.addEventListener("visibilitychange", lookIfSeen);
window.addEventListener("focus", lookIfSeen);
window.addEventListener("hashchange", scrollToTarget);
begin();
