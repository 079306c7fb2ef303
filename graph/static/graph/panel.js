// The panel of one entity: who it is, its rhythm, its strongest ties, its memories newest first.
import { get, getPage } from "../site/api.js";
import { busy, count, dot, el, failure, plural } from "../site/dom.js";
import { saySpan } from "../site/dates.js";
import { memoryCard } from "../memories/card.js";
import { ownWords } from "./own_words.js";
import { showRhythm } from "./rhythm.js";

const TIES = 8;

/** Fill `body` with an entity. go: {entity(id), tie(pair), corrected(id)}. Known rows are shown before the server answers. */
export async function showEntity(body, id, model, go) {
  const row = model.rowOf.get(String(id));
  const head = el("div");
  const rhythm = el("div");
  const ties = el("div", { class: "ties-of", "data-most": TIES });
  const memories = el("div");
  const foot = el("div");
  body.replaceChildren(head, rhythm, ties, foot, memories);
  if (row !== undefined) head.replaceChildren(...headOf(knownOf(model, row)));
  else head.replaceChildren(busy("Opening…"));
  showTies(body, id, model, go);
  const hasId = /^\d+$/.test(id); // a name of the small graph may have none yet: "person:ana"
  const wanted = hasId ? id : id.slice(id.indexOf(":") + 1);
  await Promise.all([hasId && fillHead(head, foot, id, model, go), hasId && showRhythm(rhythm, id), startMemories(memories, wanted, () => namesIn(head))]);
}

/** The ties of the entity that stands open, as far as they are known by now. */
export function showTies(body, id, model, go) {
  const row = model.rowOf.get(String(id));
  const place = body.querySelector(".ties-of");
  if (row !== undefined && place) place.replaceChildren(...tiesOf(model, row, go, place));
}

function knownOf({ nodes }, row) {
  return { name: nodes.label[row], kind: nodes.kind[row], memories: nodes.memories[row], aliases: [] };
}

async function fillHead(head, foot, id, model, go) {
  try {
    const entity = await get(`graph/entities/${encodeURIComponent(id)}/`);
    if (entity.merged_into) return go.entity(entity.merged_into);
    head.replaceChildren(...headOf(entity));
    foot.replaceChildren(ownWords(entity, model, go.corrected));
  } catch (error) {
    const gone = error.status === 404 ? new Error("This name is not in your graph any more.") : error;
    if (!model.rowOf.has(String(id)) || error.status === 404) head.replaceChildren(...headOf({ name: "Not found", kind: "", aliases: [] }), failure(gone));
  }
}

function headOf(entity) {
  const aliases = (entity.aliases ?? []).map((alias) => alias.name ?? alias).filter((alias) => alias !== entity.name);
  const span = saySpan(entity.first_seen, entity.last_seen);
  return [
    el("p", { class: "panel-kind" }, dot(entity.kind), entity.kind),
    el("h2", { id: "panel-title", tabindex: "-1", "data-names": JSON.stringify([entity.name, ...aliases]) }, entity.name),
    aliases.length > 0 && el("p", { class: "aliases" }, `Also ${aliases.slice(0, 6).join(", ")}`),
    entity.memories !== undefined && el("p", { class: "facts" }, el("strong", {}, plural(entity.memories, "memory", "memories")), span && `, ${span}`),
  ].filter(Boolean);
}

const namesIn = (head) => JSON.parse(head.querySelector("[data-names]")?.dataset.names ?? "[]");

function tiesOf(model, row, go, place) {
  const most = Number(place.dataset.most);
  const ties = model.tiesOf(row);
  if (!ties.length) return [];
  const strongest = Math.max(model.edges.weight[ties[0]], 1e-9);
  const list = el("ul", { class: "ties-list" }, ties.slice(0, most).map((edge) => tieLine(model, row, edge, strongest, go)));
  const rest = ties.length - most;
  const more = el("button", { type: "button", class: "link small" }, `Show ${rest > 40 ? "40 of " : ""}${plural(rest, "more tie")}`);
  more.addEventListener("click", () => {
    place.dataset.most = most + 40;
    place.replaceChildren(...tiesOf(model, row, go, place));
  });
  return [el("h3", {}, "Strongest ties"), list, ...(rest > 0 ? [more] : [])];
}

function tieLine(model, row, edge, strongest, go) {
  const other = model.otherEnd(edge, row);
  const name = model.nodes.label[other];
  const bar = el("i");
  bar.style.width = `${Math.max(3, (model.edges.weight[edge] / strongest) * 100)}%`;
  return el(
    "li",
    {},
    el("button", { type: "button", class: "tie-name", onclick: () => go.entity(model.id(other)) }, dot(model.nodes.kind[other]), name),
    el("button", { type: "button", class: "tie-why", "aria-label": `Why the tie to ${name}`, onclick: () => go.tie(model.tie(edge)) }, "why"),
    el("span", { class: "tie-strength", "aria-hidden": "true" }, bar),
  );
}

async function startMemories(place, id, names) {
  const list = el("ul", { class: "plain-list" });
  const foot = el("div", {}, busy("Fetching memories…"));
  place.replaceChildren(el("h3", {}, "Memories"), list, foot);
  await addMemories(list, foot, () => get("memories/", { entity: id, limit: 20 }), { id, names });
}

async function addMemories(list, foot, fetchPage, entity) {
  const retry = () => addMemories(list, foot, fetchPage, entity);
  try {
    const page = await fetchPage();
    const options = { entity: entity.id, names: entity.names() };
    list.append(...page.results.map((memory) => memoryCard(memory, options)));
    foot.replaceChildren(...footOf(list, page.next, () => addMemories(list, foot, () => getPage(page.next), entity)));
  } catch (error) {
    foot.replaceChildren(failure(error, retry));
  }
}

function footOf(list, next, more) {
  if (next) return [el("div", { class: "more" }, el("button", { type: "button", onclick: more }, "More memories"))];
  if (!list.children.length) return [el("p", { class: "soft" }, "No memory names it at the moment.")];
  return [el("p", { class: "hidden" }, `All ${count(list.children.length)} shown`)];
}
