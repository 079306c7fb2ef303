// The panel of one line: of a tie between two names, or of a relationship between two memories. What it is, then its reasons.
import { get } from "../site/api.js";
import { busy, dot, el, failure, percent, plural } from "../site/dom.js";
import { saySpan } from "../site/dates.js";
import { memoryCard } from "../memories/card.js";
import { reasonsOf, sentence } from "./reasons.js";

/** Fill `body` with the reasons of a tie, called by its pair or its id; returns the ids of its two ends, null when there is no such tie. */
export async function showTie(body, id, go, { isSmall }) {
  if (isSmall) return refuse(body, new Error("Reasons are told once the whole graph is served: at the moment only your latest memories are drawn."));
  const why = await ask(body, `graph/ties/${encodeURIComponent(id)}/why/`, "This tie is not in your graph any more.", () => showTie(body, id, go, { isSmall }));
  if (!why) return null;
  drawTie(body, why, go);
  return [String(why.edge.source.id), String(why.edge.target.id)];
}

/** Fill `body` with the reasons why two memories belong together. */
export async function showRelationship(body, id, go) {
  const why = await ask(body, `graph/relationships/${encodeURIComponent(id)}/why/`, "This line between two memories is not in your graph any more.", () => showRelationship(body, id, go));
  if (why) drawRelationship(body, why, go);
}

async function ask(body, path, gone, again) {
  body.replaceChildren(busy("Asking why…"));
  try {
    return await get(path);
  } catch (error) {
    if (error.status === 404) return refuse(body, new Error(gone));
    return refuse(body, error, again);
  }
}

function refuse(body, error, retry = null) {
  body.replaceChildren(el("h2", { id: "panel-title", tabindex: "-1" }, "No answer"), failure(error, retry));
  return null;
}

function drawTie(body, { edge, layers, memories }, go) {
  const names = [edge.source.name, edge.target.name];
  body.replaceChildren(
    ...headOfTie(edge, go),
    ...reasonsOf(layers, { names, go }),
    el("h3", {}, "Memories that name both"),
    memories.length ? memoryList(memories, names) : el("p", { class: "soft" }, "None at the moment."),
  );
}

function headOfTie(edge, go) {
  const end = (entity) => el("button", { type: "button", onclick: () => go.entity(entity.id) }, dot(entity.kind), entity.name);
  return [
    el("p", { class: "panel-kind" }, "Why this tie"),
    el("h2", { id: "panel-title", tabindex: "-1", class: "pair-names", "aria-label": `${edge.source.name} and ${edge.target.name}` }, end(edge.source), end(edge.target)),
    el("p", { class: "facts" }, "Named together in ", el("strong", {}, plural(edge.memories, "memory", "memories")), edge.first && `, ${saySpan(edge.first, edge.last)}`),
  ];
}

function drawRelationship(body, { edge, layers, memories }, go) {
  body.replaceChildren(
    el("p", { class: "panel-kind" }, "Why this line"),
    el("h2", { id: "panel-title", tabindex: "-1" }, "Two memories that belong together"),
    el("p", { class: "facts" }, edge.reasoning && `${sentence(edge.reasoning)} `, el("span", { class: "figure" }, `${percent(edge.confidence)} sure.`)),
    memoryList(memories, []),
    ...reasonsOf(layers, { names: [], go }),
  );
}

const memoryList = (memories, names) => el("ul", { class: "plain-list" }, memories.map((memory) => memoryCard(memory, { names })));
