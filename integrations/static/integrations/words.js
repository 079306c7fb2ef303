// What the page says of accounts and runs, in sentences. No element is made here.
import { count, plural } from "../site/dom.js";

const RUN_STATES = {
  queued: "waits for its turn",
  running: "going on",
  waiting: "waiting",
  held: "waits for your decision",
  done: "done",
  failed: "failed",
  stopped: "stopped",
  undoing: "being undone",
  undone: "undone",
};
const RUN_KINDS = { first: "First import", changes: "Update", resync: "Everything read again", sweep: "Full check" };
const UNITS = [["day", 86_400], ["hour", 3600], ["minute", 60]];
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

export const sayRunState = (run) => RUN_STATES[run.state] ?? run.state;
export const sayRunKind = (run) => RUN_KINDS[run.kind] ?? "Run";
export const isMoving = (run) => ["queued", "running", "waiting", "undoing"].includes(run?.state);

/** "12 new, 3 changed": what a run did. */
export function sayCounts({ created, updated, deleted, skipped }) {
  const parts = [[created, "new"], [updated, "changed"], [deleted, "deleted"], [skipped, "skipped"]];
  const words = parts.filter(([number]) => number > 0).map(([number, word]) => `${count(number)} ${word}`);
  return words.length ? words.join(", ") : "nothing new";
}

/** "1,204 mails": a number of what the provider keeps. */
export const sayItems = (number, unit) => plural(number, (unit ?? "items").replace(/s$/, ""), unit ?? "items");

/** "1,204 mails, about 310 people, about 2 minutes". */
export function sayPreview({ items, people, exact, seconds, unit }) {
  const names = people === null || people === undefined ? null : `${exact ? "" : "about "}${plural(people, "person", "people")}`;
  return [sayItems(items, unit), names, items ? sayDuration(seconds) : null].filter(Boolean).join(", ");
}

/** Seconds as "about 2 minutes". */
export function sayDuration(seconds) {
  if (!(seconds >= 45)) return "less than a minute";
  if (seconds < 5400) return `about ${plural(Math.round(seconds / 60), "minute")}`;
  return `about ${plural(Math.round(seconds / 3600), "hour")}`;
}

/** A moment as seen from now: "in 12 minutes", "3 hours ago", "yesterday"; further away its day. */
export function sayMoment(text, now = Date.now()) {
  const moment = new Date(text);
  const seconds = (moment - now) / 1000;
  if (Math.abs(seconds) >= 7 * 86_400) return `on ${sayDate(moment, new Date(now))}`;
  const [unit, length] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? [];
  if (unit) return relative.format(Math.round(seconds / length), unit);
  return seconds > 0 ? "in less than a minute" : "just now";
}

function sayDate(moment, now) {
  const year = moment.getFullYear() === now.getFullYear() ? undefined : "numeric";
  return moment.toLocaleDateString("en-GB", { day: "numeric", month: "long", year });
}

/** How far a run has come: {text, value, max}; max is null where nobody knows how much there is. */
export function measureRun(run, preview, unit) {
  const seen = run.created + run.updated + run.unchanged + run.skipped;
  const whole = run.kind === "first" && preview?.items >= seen ? preview.items : null;
  if (whole) return { text: `${count(seen)} of about ${sayItems(whole, unit)}`, value: seen, max: whole };
  const text = run.pages || seen ? `${sayItems(seen, unit)} looked at, ${sayCounts(run)}` : "Looking at what is there";
  return { text, value: null, max: null };
}

/** What undoing a run does. */
export function sayUndo({ created, updated, deleted }) {
  return [
    created > 0 && `${plural(created, "memory", "memories")} that it brought ${created === 1 ? "is" : "are"} taken out again.`,
    updated > 0 && `${plural(updated, "memory", "memories")} that it changed ${updated === 1 ? "becomes" : "become"} what ${updated === 1 ? "it was" : "they were"}.`,
    deleted > 0 && `${plural(deleted, "memory", "memories")} that it deleted ${deleted === 1 ? "comes" : "come"} back.`,
  ].filter(Boolean);
}
