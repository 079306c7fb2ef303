// Offsets, highlights and snippets. The server counts code points, the browser UTF-16 units.

/** A function from code point offset to string index. */
export function offsetsOf(text) {
  if (!/[\ud800-\udbff]/.test(text)) return (point) => point;
  const starts = [];
  let index = 0;
  for (const character of text) {
    starts.push(index);
    index += character.length;
  }
  return (point) => starts[point] ?? text.length;
}

/** Mentions of one field in reading order, none overlapping another: [{start, end, mention}]. */
export function spansOf(text, mentions, field) {
  const at = offsetsOf(text);
  const spans = (mentions ?? [])
    .filter((mention) => (mention.field ?? "content") === field)
    .map((mention) => ({ start: at(mention.start), end: at(mention.end), mention }))
    .filter((span) => span.start < span.end)
    .sort((one, other) => one.start - other.start || other.end - one.end);
  let reached = 0;
  return spans.filter((span) => {
    if (span.start < reached) return false;
    reached = span.end;
    return true;
  });
}

/** Text nodes with the spans given to draw(text, span): an array for append. */
export function drawSpans(text, spans, draw) {
  const nodes = [];
  let reached = 0;
  for (const span of spans) {
    nodes.push(text.slice(reached, span.start), draw(text.slice(span.start, span.end), span));
    reached = span.end;
  }
  nodes.push(text.slice(reached));
  return nodes.filter((node) => node !== "");
}

/** Where any of the names stands in the text, whatever the case. */
export function spansOfNames(text, names) {
  const wanted = names.filter((name) => name.trim().length > 1).map(escapeForPattern);
  if (!wanted.length) return [];
  wanted.sort((one, other) => other.length - one.length);
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}])(?:${wanted.join("|")})(?![\\p{L}\\p{N}])`, "giu");
  return [...text.matchAll(pattern)].map((match) => ({ start: match.index, end: match.index + match[0].length }));
}

function escapeForPattern(name) {
  return name.trim().replace(/[.*+?^${}()|[\]\\/]/g, "\\$&").replace(/\s+/g, "\\s+");
}

/** About `length` characters around a place, on word borders, with its offset in the text. */
export function snippetAround(text, place, length = 220) {
  if (text.length <= length) return { text, start: 0 };
  const from = place < length * 0.7 ? 0 : nextWord(text, place - Math.round(length / 3));
  const cut = text.slice(from, from + length);
  const trimmed = from + length < text.length ? cut.replace(/\s+\S*$/, "") : cut;
  return { text: trimmed, start: from };
}

function nextWord(text, index) {
  const space = text.slice(index).search(/\s/);
  return space < 0 || space > 40 ? index : index + space + 1;
}
