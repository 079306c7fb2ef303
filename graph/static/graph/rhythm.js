// The rhythm of one entity in the panel: when it comes back, its season, the chance to see it again. Silent where nothing is known.
import { get } from "../site/api.js";
import { el, percent } from "../site/dom.js";
import { sayDay } from "../site/dates.js";
import { sentence } from "./reasons.js";

const HORIZON = 30;

export async function showRhythm(place, id) {
  try {
    const { results } = await get("graph/series/", { entity: id, limit: 20 });
    const own = results.find((series) => series.entities.length === 1); // the others are of pairs
    place.replaceChildren(...(own ? rhythmOf(own) : []));
  } catch (error) {
    window.console.info("The rhythm could not be fetched:", error); // an extra of the panel: the rest stands without it
  }
}

function rhythmOf({ recurrence, seasonal, predictions }) {
  const lines = [recurrence && sayRecurrence(recurrence), seasonal && saySeason(seasonal), sayAgain(predictions)].filter(Boolean);
  if (!lines.length) return [];
  const reasons = [recurrence?.why, seasonal?.why].filter(Boolean);
  return [
    el("h3", {}, "Rhythm"),
    el("ul", { class: "rhythm" }, lines.map((line) => el("li", {}, line))),
    ...(reasons.length ? [el("details", { class: "fold small" }, el("summary", {}, "How this is known"), reasons.map((why) => el("p", {}, sentence(why))))] : []),
  ];
}

function sayRecurrence({ label, next, last }) {
  const name = el("strong", {}, label[0].toUpperCase() + label.slice(1));
  if (next) return [name, ", next on ", el("time", { datetime: next }, sayDay(next))];
  return [name, ", it seems to have stopped", last && [" after ", el("time", { datetime: last }, sayDay(last))]];
}

function saySeason({ months }) {
  const named = months.map((month) => new Date(Date.UTC(2024, month - 1, 1)).toLocaleDateString(undefined, { month: "long", timeZone: "UTC" }));
  return ["Mostly in ", el("strong", {}, new Intl.ListFormat(undefined).format(named))];
}

function sayAgain(predictions) {
  const again = predictions?.find(({ kind, horizon }) => kind === "again" && horizon === HORIZON);
  return again && [`Seen again within ${HORIZON} days: `, el("strong", { class: "figure" }, percent(again.confidence))];
}
