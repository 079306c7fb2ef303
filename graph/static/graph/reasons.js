// What the nine layers say of a line: the telling ones as rows with their memories and numbers, the silent ones in one fold.
import { el, percent, plural } from "../site/dom.js";
import { sayDay } from "../site/dates.js";
import { fillCards } from "../memories/recall.js";
import { LAYERS, NAMES } from "./layers.js";

const SILENCE = {
  not_enough_data: "There is not enough data yet",
  not_significant: "Looked at, nothing that chance would not do",
  disabled: "Switched off",
};
const GAUGES = {
  causal: ({ causal_score: score, causal_basis: basis }) => [score, basis === "precedence" ? "strong" : "sure"],
  temporal: ({ recurrence_score: score }) => [score, "strong"],
  seasonal: ({ seasonal_strength: strength }) => [strength, "strong"],
  pattern: ({ pattern_confidence: confidence }) => [confidence, "sure"],
  cross_platform: ({ confidence }) => [confidence, "sure"],
  prediction: ({ prediction_confidence: chance }) => [chance, "likely"],
  root_cause: ({ confidence }) => [confidence, "sure"],
  duplicate: ({ duplicate_confidence: confidence }) => [confidence, "sure"],
};
// Where the number of memories stands of which only some are cited.
const TOTALS = { temporal: "k", seasonal: "k", pattern: "support", prediction: "n" };
const NUMBERS = {
  n: "Cases looked at (n)",
  k: "Cases that fit (k)",
  expected: "Expected by chance alone",
  p: "Probability of this by luck (p)",
  p_adj: "The same, corrected for all that was tried (adjusted p)",
  window: "Within days",
  years: "Years covered",
  missed: "Turns missed since",
  hops: "Steps back",
  days_apart: "Days apart",
  similarity: "Share of the text in common",
  changes: "Changes on record",
};

/** Nodes for the answers of all layers. words: {names: marked in the memories, go: {relationship(id)}}. */
export function reasonsOf(layers, words) {
  const found = NAMES.filter((name) => layers[name]?.status === "computed");
  const silent = NAMES.filter((name) => layers[name] && !found.includes(name));
  return [...found.map((name) => rowOf(name, layers[name], words)), ...(silent.length ? [silentOf(silent, layers)] : [])];
}

function rowOf(name, layer, words) {
  return el(
    "section",
    { class: "layer", "data-layer": name, "aria-labelledby": `layer-${name}` },
    el("div", { class: "layer-head" }, el("h4", { id: `layer-${name}` }, LAYERS[name].title), gaugeOf(name, layer.value)),
    el("p", {}, sentence(layer.why || "Found")),
    memoriesOf(name, layer, words),
    numbersOf(layer),
  );
}

function gaugeOf(name, value) {
  const [share, word] = GAUGES[name]?.(value ?? {}) ?? [];
  return typeof share === "number" && el("span", { class: "figure" }, `${percent(share)} ${word}`);
}

export function sentence(words) {
  const text = String(words).trim();
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

function memoriesOf(name, { memories, evidence, value }, { names, go }) {
  if (!memories?.length) return null;
  const list = el("ul", { class: "plain-list" });
  const fold = el("details", { class: "fold evidence" }, el("summary", {}, sayMemories(memories.length, evidence?.[TOTALS[name]])), list);
  const after = (memory) => stepTo(memory, value?.chain, go);
  fold.addEventListener("toggle", () => fillCards(list, memories, { names, after }), { once: true });
  return fold;
}

function sayMemories(cited, total = 0) {
  const rest = total > cited ? `, ${cited} of them here` : "";
  return `Shown by ${plural(Math.max(cited, total), "memory", "memories")}${rest}`;
}

/** In a chain of causes: the way to the reason of the step that leads to this memory. */
function stepTo(memory, chain, go) {
  const step = chain?.find((one) => one.edge && String(one.memory) === String(memory.id));
  if (!step) return null;
  return el("p", { class: "step" }, el("button", { type: "button", class: "link small", onclick: () => go.relationship(step.edge) }, "Why it follows the one above"));
}

function numbersOf({ evidence, computed_at: computed }) {
  const known = Object.keys(NUMBERS).filter((key) => typeof evidence?.[key] === "number");
  if (!known.length) return null;
  const pair = (title, value) => [el("dt", {}, title), el("dd", { class: "figure" }, value)];
  const pairs = known.map((key) => pair(NUMBERS[key], sayNumber(evidence[key])));
  return el("details", { class: "fold evidence" }, el("summary", {}, "The numbers"), el("dl", { class: "pairs" }, pairs, computed && pair("Worked out on", sayDay(computed))));
}

function sayNumber(value) {
  if (Number.isInteger(value)) return String(value);
  return value < 0.0001 ? "under 0.0001" : String(Number(value.toPrecision(3)));
}

function silentOf(names, layers) {
  const titles = names.map((name) => LAYERS[name].title).join(" · ");
  return el(
    "details",
    { class: "fold silent-fold" },
    el("summary", {}, "Silent, with nothing to say: ", titles),
    el("ul", { class: "silent" }, names.map((name) => el("li", {}, el("strong", {}, LAYERS[name].title), ": ", sentence(layers[name].why || SILENCE[layers[name].status] || layers[name].status)))),
  );
}
