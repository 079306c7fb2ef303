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

/** names: {slug: name of a provider}. */
export async function loadFailures(names) {
  try {
    const { results, next } = await get("integrations/failures/", { state: "open", limit: MOST });
    const mark = JSON.stringify(results);
    if (mark !== told) draw(results, next, names);
    told = mark;
  } catch (error) {
    byId("failures").hidden = false;
    byId("failure-list").replaceChildren(el("li", {}, failure(error, () => loadFailures(names))));
  }
}

function draw(failures, next, names) {
  byId("failures").hidden = failures.length === 0;
  const rest = next ? [el("li", { class: "soft" }, `These are the latest ${MOST}; there are more.`)] : [];
  byId("failure-list").replaceChildren(...failures.map((one) => line(one, names)), ...rest);
  if (failures.length && window.location.hash === "#failures") byId("failures").scrollIntoView();
}

function line(one, names) {
  const [words, help] = KINDS[one.kind] ?? [one.kind, ""];
  return el(
    "li",
    { class: "problem" },
    el("div", { class: "run-head" }, el("strong", {}, nameUnit(one, names)), moment(one.last_seen), el("span", { class: "badge badge-failed" }, words)),
    one.error && el("p", {}, one.error),
    el("p", { class: "soft small" }, help),
  );
}

function nameUnit({ unit, provider, account }, names) {
  const [table, id] = unit.split(":");
  if (provider) return el("a", { href: `#connection-${id}` }, names[provider] ?? provider, account && ` ${account}`);
  if (table === "memory") return el("a", { href: `/memories/${encodeURIComponent(id)}/` }, "Reading a memory");
  return table === "connection" ? "An account that is no longer connected" : "Work on the graph";
}
