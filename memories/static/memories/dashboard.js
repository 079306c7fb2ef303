// The first page: write, see how much is there, who matters, what is new, what happened on this day.
import { get } from "../site/api.js";
import { byId, count, dot, el, failure, plural } from "../site/dom.js";
import { saySpan } from "../site/dates.js";
import { entityAddress, memoryCard, saySource } from "./card.js";
import { composeOn } from "./compose.js";
import { drawExpected, drawSuspicions } from "./outlook.js";

const NEEDS = { needs_reauth: "needs access again", gone: "can no longer be reached", held: "has stopped and waits for your decision" };
const KINDS = { person: "People", place: "Places", organisation: "Organisations", topic: "Topics" };

async function load() {
  try {
    draw(await get("dashboard/"));
  } catch (error) {
    byId("overview").replaceChildren(failure(error, load));
  }
}

function draw(answer) {
  const empty = answer.memories.total === 0;
  byId("overview").replaceChildren(...(empty ? [needsOf(answer.connections), welcome()].filter(Boolean) : overview(answer)));
  byId("top").replaceChildren(...Object.keys(KINDS).map((kind) => topOf(kind, answer.top?.[kind])).filter(Boolean));
  drawSuspicions(answer.suspicions);
  drawExpected(answer.expected, answer.prediction_record);
  fillList("latest", answer.latest);
  fillList("on-this-day", answer.on_this_day);
  byId("columns").hidden = empty;
}

function overview({ memories, backfill, entities, failures, connections }) {
  return [
    needsOf(connections),
    el("dl", { class: "figures" }, figure(memories.total, "Memories", "/memories/"), Object.keys(KINDS).map((kind) => figure(entities[kind], KINDS[kind], "/graph/", kind))),
    el("p", { class: "soft small" }, `From ${saySpan(memories.first, memories.last)}. `, sourcesOf(memories.sources)),
    progress(memories, backfill?.waiting ?? 0),
    olderOf(backfill),
    failures > 0 && el("p", { class: "notice notice-bad" }, `${plural(failures, "thing")} could not be done. `, el("a", { href: "/connections/#failures" }, "See what and why")),
  ].filter(Boolean);
}

/** The connections that wait for the person, each with what it needs. */
function needsOf(connections) {
  if (!connections?.length) return null;
  return el("div", { class: "section" }, el("div", { class: "notice notice-bad" }, el("ul", { class: "plain-list" }, connections.map(needOf))));
}

function needOf({ id, provider, account, state }) {
  return el("li", {}, `${saySource(provider)} ${account} ${NEEDS[state] ?? "needs a look"}. `, el("a", { href: `/connections/#connection-${id}` }, "See what to do"));
}

function figure(number, label, address, kind = null) {
  const words = [kind && dot(kind), ` ${label}`];
  return el("div", {}, el("dt", {}, el("a", { href: address }, words)), el("dd", { class: "figure" }, count(number)));
}

function sourcesOf(sources) {
  const sorted = Object.entries(sources ?? {}).sort(([, one], [, other]) => other - one);
  return sorted.map(([slug, number], index) => [
    index > 0 && " · ",
    el("a", { href: `/memories/?source=${encodeURIComponent(slug)}` }, saySource(slug)),
    ` ${count(number)}`,
  ]);
}

/** What is on its way; older memories that wait to be let in are not. */
function progress({ total: stored, stages }, waiting) {
  const total = stored - waiting;
  const done = stages.enriched ?? 0;
  const failed = stages.failed ?? 0;
  if (done + failed >= total) return null;
  return el(
    "div",
    { class: "progress" },
    el("label", { for: "progress" }, `${count(done)} of ${plural(total, "memory", "memories")} in the graph, the rest on their way`),
    el("progress", { id: "progress", max: total, value: done }),
  );
}

/** Memories that were there before anything was read, as long as some of them are not in the graph. */
function olderOf(backfill) {
  if (!backfill || backfill.done + backfill.failed >= backfill.total) return null;
  const { total, done, waiting, days_left: days, paused } = backfill;
  const when = waiting === 0 ? "are on their way" : `follow within about ${days === 1 ? "a day" : plural(days, "day")}${paused ? ", paused at the moment" : ""}`;
  return el("p", { class: "soft small", id: "older" }, `${count(done)} of your ${count(total)} older memories are in the graph; the rest ${when}.`);
}

function topOf(kind, entities) {
  if (!entities?.length) return null;
  return el(
    "section",
    { class: "card" },
    el("h2", {}, dot(kind), ` ${KINDS[kind]}`),
    el("ol", { class: "plain-list ranking" }, entities.slice(0, 8).map(({ id, name, memories }) => el("li", {}, el("a", { href: entityAddress(id) }, name), el("span", { class: "figure soft" }, count(memories))))),
  );
}

function fillList(name, memories) {
  byId(`${name}-section`).hidden = !memories?.length;
  byId(name).replaceChildren(...(memories ?? []).map((memory) => memoryCard(memory, { chips: name === "latest" })));
}

function welcome() {
  return el(
    "div",
    { class: "empty" },
    el("h2", {}, "Nothing remembered yet"),
    el("p", {}, "Write your first memory above. Names of people, places and organisations in it become your graph."),
    el("p", {}, "There is more already written? ", el("a", { href: "/connections/" }, "Bring mail and files in"), "."),
  );
}

composeOn("compose", "fresh");
byId("fresh").addEventListener("remembered", load); // the figures below count the new one too
load();
