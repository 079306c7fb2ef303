// Which providers this server can reach, which accounts are connected, and what went wrong.
import { get } from "../site/api.js";
import { byId, el, failure } from "../site/dom.js";

const listOf = (answer) => (Array.isArray(answer) ? answer : (answer?.results ?? []));

async function load() {
  try {
    const [providers, connections] = await Promise.all([get("integrations/providers/"), get("integrations/connections/")]);
    draw(listOf(providers), listOf(connections));
  } catch (error) {
    byId("providers").replaceChildren(failure(error, load));
  }
}

function draw(providers, connections) {
  const configured = providers.some((provider) => provider.configured);
  const rows = providers.map((provider) => row(provider, connections.filter((one) => one.provider === provider.slug)));
  byId("providers").replaceChildren(...[!configured && nothingConfigured(), el("ul", { class: "plain-list card" }, rows)].filter(Boolean));
}

function nothingConfigured() {
  return el(
    "div",
    { class: "notice" },
    el("p", {}, el("strong", {}, "Nango is not configured on this server, so no account can be connected yet.")),
    el("p", {}, "Nango is the service that keeps the keys to your accounts, so that this server never sees a password. Whoever runs the server sets NANGO_SECRET_KEY and NANGO_WEBHOOK_KEY; everything else here works without it."),
  );
}

function row(provider, connections) {
  const state = provider.configured ? "Can be connected" : "Not configured";
  return el(
    "li",
    { class: "provider" },
    el("h3", {}, provider.name),
    connections.length ? null : el("span", { class: "badge" }, state),
    connections.map((connection) => el("p", {}, connection.account || "Connected account", " ", el("span", { class: "badge badge-busy" }, connection.state))),
  );
}

async function loadFailures() {
  try {
    const open = listOf(await get("integrations/failures/")).filter((one) => one.state === "open");
    byId("failures").hidden = open.length === 0;
    byId("failure-list").replaceChildren(...open.map((one) => el("li", { class: "provider" }, el("strong", {}, one.unit), el("span", { class: "badge badge-failed" }, one.kind), el("p", { class: "soft small" }, one.error))));
    if (window.location.hash === "#failures") byId("failures").scrollIntoView();
  } catch (error) {
    byId("failures").hidden = false;
    byId("failure-list").replaceChildren(el("li", {}, failure(error, loadFailures)));
  }
}

load();
loadFailures();
