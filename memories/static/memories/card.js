// One memory in a list: day, source, title, a few lines, its entities.
import { el, dot } from "../site/dom.js";
import { sayDay } from "../site/dates.js";
import { drawSpans, snippetAround, spansOf, spansOfNames } from "./text.js";

const SOURCES = { note: "Note", gmail: "Gmail", gdrive: "Google Drive", dropbox: "Dropbox", zoho_mail: "Zoho Mail" };
const STAGES = { stored: "waiting", extracted: "reading", related: "linking", failed: "failed" };
const CHIPS = 6;
const TITLE = 80;
// A full stop ends a sentence unless it stands behind "Mr" and the like.
const SENTENCE = /^.{12,79}?(?<!\b(?:Mr|Mrs|Ms|Dr|St|Prof|Capt|Col|Lt|No|vs|etc|\p{Lu}))[.!?…](?=\s)/u;

export function saySource(slug) {
  if (SOURCES[slug]) return SOURCES[slug];
  const words = String(slug ?? "").replace(/[_-]+/g, " ").trim();
  return words ? words[0].toUpperCase() + words.slice(1) : "Unknown source";
}

export const memoryAddress = (id) => `/memories/${encodeURIComponent(id)}/`;
export const entityAddress = (id) => `/graph/#entity=${encodeURIComponent(id)}`;

/** options: {chips: show its entities, names: words to mark, entity: id whose mentions are marked}. */
export function memoryCard(memory, options = {}) {
  const { heading, snippet } = wordsOf(memory, options);
  return el(
    "li",
    { class: "memory" },
    memoryHead(memory),
    el("h3", {}, el("a", { href: memoryAddress(memory.id) }, heading)),
    snippet && el("p", {}, snippet),
    options.chips && entityChips(memory.entities, CHIPS),
  );
}

export function memoryHead(memory, { day = true } = {}) {
  const precision = memory.occurred_precision ?? "day";
  const stage = STAGES[memory.stage];
  return el(
    "div",
    { class: "memory-head" },
    day && el("time", { datetime: memory.occurred_on }, sayDay(memory.occurred_on, precision)),
    el("span", { class: "badge" }, saySource(memory.source)),
    stage && el("span", { class: `badge badge-${memory.stage === "failed" ? "failed" : "busy"}` }, stage),
  );
}

export const titleOf = (memory) => memory.title || firstWords(memory).trim() || "Untitled";

/** What stands for the title of a memory without one: its first sentence or line, or as much of it as fits. */
function firstWords(memory) {
  const line = textOf(memory).split("\n", 1)[0];
  const sentence = line.match(SENTENCE);
  if (sentence) return sentence[0];
  return line.length <= TITLE ? line : line.slice(0, TITLE).replace(/\s+\S*$/, "");
}

/** The content, or what was cited of it: a quotation that begins within a word or sentence says so. */
function textOf({ content, snippet }) {
  if (content !== undefined) return content.trimStart();
  return (snippet ?? "").trimStart().replace(/^\p{Ll}\S*\s+/u, "… ");
}

/** Heading and snippet with the marks in them; without a title the text begins in the heading and goes on below. */
function wordsOf(memory, options) {
  const text = textOf(memory);
  const marks = marksIn(memory, text, "content", options);
  if (memory.title) return { heading: draw(memory.title, marksIn(memory, memory.title, "title", options)), snippet: snippetOf(text, marks) };
  const head = firstWords(memory);
  const rest = text.slice(head.length);
  const broken = /[\p{L}\p{N},;:]$/u.test(head) && /^[^\S\n]+\S/.test(rest);
  const heading = [draw(head || "Untitled", marks.filter((span) => span.end <= head.length)), broken ? " …" : ""];
  const below = snippetOf(rest, shift(marks, head.length, rest.length));
  return { heading, snippet: below && [broken && below[0] === "" ? "… " : "", below] };
}

const draw = (text, spans) => drawSpans(text, spans, (word) => el("mark", {}, word));

const shift = (spans, by, length) => spans.map(({ start, end }) => ({ start: start - by, end: end - by })).filter((span) => span.start >= 0 && span.end <= length);

function snippetOf(whole, marks) {
  if (!whole.trim()) return null;
  const { text, start } = snippetAround(whole, marks[0]?.start ?? 0);
  const after = start + text.length < whole.length;
  return [start > 0 ? "… " : "", draw(text, shift(marks, start, text.length)), after ? " …" : ""];
}

function marksIn(memory, text, field, { names = [], entity = null }) {
  const whole = memory[field] ?? "";
  const known = (memory.entities ?? []).filter((mention) => entity !== null && String(mention.entity_id) === String(entity));
  const spans = shift(spansOf(whole, known, field), whole.length - whole.trimStart().length, text.length);
  return spans.length ? spans : spansOfNames(text, names);
}

/** Each entity once, in order of appearance; those of the graph are links. */
export function entityChips(mentions, most = Infinity) {
  const seen = new Map();
  for (const mention of mentions ?? []) {
    const key = mention.entity_id ?? `${mention.kind}:${mention.key}`;
    if (!seen.has(key)) seen.set(key, mention);
  }
  const all = [...seen.values()];
  if (!all.length) return null;
  const rest = all.length - most;
  return el("ul", { class: "chips" }, all.slice(0, most).map((mention) => el("li", {}, chip(mention))), rest > 0 && el("li", { class: "soft small" }, `and ${rest} more`));
}

function chip(mention) {
  const inside = [dot(mention.kind), mention.text, el("span", { class: "hidden" }, ` (${mention.kind})`)];
  if (!mention.entity_id) return el("span", { class: "chip" }, inside);
  return el("a", { class: "chip", href: entityAddress(mention.entity_id) }, inside);
}
