// What could not be done: which work, when, why, and what helps.
import { get } from "../site/api.js";
import { byId, el, failure } from "../site/dom.js";
import { moment } from "./parts.js";

const KINDS = {
  "transient-exhausted": ["tried again and again", "It is tried again by itself; if it stays, whoever runs this server can look into it."],
  auth: ["access was withdrawn", "Give access again."],
  permanent: ["cannot work", "Whoever runs this server has to look into it."],
  lost: ["broke off", "Whoever runs this server can put it in line again."],
};
const MOST = 50;
let told = "";

/** providers: {slug: {name, unit}}. */
export async function loadFailures(providers) {
  try {
    const { results, next } = await get("integrations/failures/", { state: "open", limit: MOST });
    const mark = JSON.stringify(results);
    if (mark !== told) draw(results, next, providers);
    told = mark;
  } catch (error) {
    byId("failures").hidden = false;
    byId("failure-list").replaceChildren(el("li", {}, failure(error, () => loadFailures(providers))));
  }
}

function draw(failures, next, providers) {
  byId("failures").hidden = failures.length === 0;
  const rest = next ? [el("li", { class: "soft" }, `These are the latest ${MOST}; there are more.`)] : [];
  byId("failure-list").replaceChildren(...failures.map((one) => line(one, providers)), ...rest);
  if (failures.length && window.location.hash === "#failures") byId("failures").scrollIntoView();
}

function line(one, providers) {
  const [words, help] = KINDS[one.kind] ?? [one.kind, ""];
  return el(
    "li",
    { class: "problem" },
    el("div", { class: "run-head" }, el("strong", {}, nameUnit(one, providers)), moment(one.last_seen), el("span", { class: "badge badge-failed" }, words)),
    one.error && el("p", {}, one.error),
    el("p", { class: "soft small" }, help),
  );
}

function nameUnit({ unit, connection, provider, account }, providers) {
  const [table, id] = unit.split(":");
  if (connection) return nameAccount(connection, account, providers[provider], table === "item");
  if (table === "memory") return el("a", { href: `/memories/${encodeURIComponent(id)}/` }, "Reading a memory");
  return table === "graph_work" ? "Work on the graph" : "An account that is no longer connected";
}

function nameAccount(connection, account, provider, isItem) {
  const words = [provider?.name, account].filter(Boolean).join(" ");
  return [isItem && `One of the ${provider?.unit ?? "items"} of `, el("a", { href: `#connection-${connection}` }, words || "an account")];
}
