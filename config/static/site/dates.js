// Days as people say them. A day carries no zone: it is read and written as UTC.
const SHAPES = {
  day: { day: "numeric", month: "long", year: "numeric" },
  month: { month: "long", year: "numeric" },
  year: { year: "numeric" },
};

/** "2024-03-01" as "1 March 2024" in the reader's language; precision: time, day, month or year. */
export function sayDay(text, precision = "day") {
  if (!text) return "";
  const date = new Date(`${text.slice(0, 10)}T00:00:00Z`);
  if (Number.isNaN(date.valueOf())) return text;
  return date.toLocaleDateString(undefined, { ...(SHAPES[precision] ?? SHAPES.day), timeZone: "UTC" });
}

/** "1 March 2024 to 4 May 2025"; one day where both are the same. */
export function saySpan(first, last) {
  if (!first || !last || first === last) return sayDay(first || last);
  return `${sayDay(first)} to ${sayDay(last)}`;
}
