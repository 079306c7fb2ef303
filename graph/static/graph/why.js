// The panel of one tie: each layer that found something says it in a sentence with its memories; the silent ones say why.
import { get } from "../site/api.js";
import { busy, dot, el, failure, plural } from "../site/dom.js";
import { sayDay, saySpan } from "../site/dates.js";
import { memoryAddress, memoryCard, titleOf } from "../memories/card.js";

const LAYERS = {
  causal: "Cause and effect",
  temporal: "Comes back",
  seasonal: "Season",
  pattern: "Pattern",
  cross_platform: "Across sources",
  prediction: "What may come",
  root_cause: "Root cause",
  change: "What changed",
  duplicate: "The same thing twice",
};
const SILENCE = {
  not_enough_data: "There is not enough data yet",
  not_significant: "Looked at, nothing that chance would not do",
  disabled: "Switched off",
};
const CITED = 4;

/** Fill `body` with the reasons of a tie; returns the ids of its two ends, null when there is no such tie. */
export async function showTie(body, id, go, { whole }) {
  if (!whole) return refuse(body, new Error("Reasons are told once the whole graph is served: at the moment only your latest memories are drawn."));
  body.replaceChildren(busy("Asking why…"));
  try {
    const why = await get(`graph/ties/${encodeURIComponent(id)}/why/`);
    draw(body, why, go);
    return [String(why.edge.source.id), String(why.edge.target.id)];
  } catch (error) {
    if (error.status === 404) return refuse(body, new Error("This tie is not in your graph any more."));
    return refuse(body, error, () => showTie(body, id, go, { whole }));
  }
}

function refuse(body, error, retry = null) {
  body.replaceChildren(el("h2", { id: "panel-title", tabindex: "-1" }, "No answer"), failure(error, retry));
  return null;
}

function draw(body, { edge, layers, memories }, go) {
  const known = new Map(memories.map((memory) => [String(memory.id), memory]));
  const found = Object.keys(LAYERS).filter((name) => layers[name]?.status === "computed");
  const silent = Object.keys(LAYERS).filter((name) => layers[name] && !found.includes(name));
  body.replaceChildren(
    ...headOf(edge, go),
    ...found.map((name) => layerOf(name, layers[name], known)),
    ...(silent.length ? [silentOf(silent, layers)] : []),
    el("h3", {}, "Memories that name both"),
    memories.length ? memoryList(memories, edge) : el("p", { class: "soft" }, "None at the moment."),
  );
}

function headOf(edge, go) {
  const end = (entity) => el("button", { type: "button", onclick: () => go.entity(entity.id) }, dot(entity.kind), entity.name);
  return [
    el("p", { class: "panel-kind" }, "Why this tie"),
    el("h2", { id: "panel-title", tabindex: "-1", class: "pair-names", "aria-label": `${edge.source.name} and ${edge.target.name}` }, end(edge.source), end(edge.target)),
    el("p", { class: "facts" }, "Named together in ", el("strong", {}, plural(edge.memories, "memory", "memories")), edge.first && `, ${saySpan(edge.first, edge.last)}`),
  ];
}

function memoryList(memories, edge) {
  const names = [edge.source.name, edge.target.name];
  return el("ul", { class: "plain-list" }, memories.map((memory) => memoryCard(memory, { names })));
}

function layerOf(name, layer, known) {
  const details = pairsOf(layer.evidence);
  return el(
    "section",
    { class: "layer", "data-layer": name },
    el("h4", {}, LAYERS[name]),
    el("p", {}, sentenceOf(layer)),
    citations(layer.memories ?? [], known),
    details && el("details", { class: "fold small" }, el("summary", {}, "How this was found"), details),
  );
}

function sentenceOf({ why, value }) {
  if (why) return sentence(why);
  return sentence(typeof value === "object" ? "Found" : `Found, with the value ${sayValue(value)}`);
}

function sentence(words) {
  const text = String(words).trim();
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

function citations(ids, known) {
  if (!ids.length) return null;
  const links = ids.slice(0, CITED).map((id, index) => [index > 0 && " · ", el("a", { href: memoryAddress(id) }, cite(known.get(String(id))))]);
  return el("p", { class: "evidence" }, links, ids.length > CITED && ` and ${plural(ids.length - CITED, "more")}`.replace(/s$/, ""));
}

function cite(memory) {
  if (!memory) return "a memory";
  return memory.occurred_on ? sayDay(memory.occurred_on, memory.occurred_precision) : titleOf(memory);
}

/** Evidence as names and plain values; what is nested is left to the API. */
function pairsOf(evidence) {
  if (evidence === null || typeof evidence !== "object" || Array.isArray(evidence)) return null;
  const plain = Object.entries(evidence).filter(([name, value]) => name !== "memories" && value !== null && isPlain(value));
  if (!plain.length) return null;
  return el("dl", { class: "pairs" }, plain.map(([name, value]) => [el("dt", {}, name.replaceAll("_", " ")), el("dd", {}, [value].flat().map(sayValue).join(", "))]));
}

const isPlain = (value) => (Array.isArray(value) ? value.length > 0 && value.length <= 24 && value.every((one) => typeof one !== "object") : typeof value !== "object");

function sayValue(value) {
  if (typeof value === "number" && !Number.isInteger(value)) return value.toPrecision(3);
  if (typeof value === "boolean") return value ? "yes" : "no";
  return /^\d{4}-\d{2}-\d{2}$/.test(value) ? sayDay(value) : String(value);
}

function silentOf(names, layers) {
  return el(
    "details",
    { class: "fold section" },
    el("summary", {}, `${plural(names.length, "layer")} with nothing to say`),
    el("ul", { class: "silent" }, names.map((name) => el("li", {}, el("strong", {}, LAYERS[name]), ": ", sentence(layers[name].why || SILENCE[layers[name].status] || layers[name].status)))),
  );
}
