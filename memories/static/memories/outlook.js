// What the first page says of the days to come, and what deserves a second look.
import { get, getPage } from "../site/api.js";
import { busy, byId, count, el, failure, percent } from "../site/dom.js";
import { sayDay } from "../site/dates.js";
import { entityAddress } from "./card.js";
import { fillCards } from "./recall.js";

/** The next things that come back, and how such expectations turned out so far; hidden where there is neither. */
export function drawExpected(expected, record) {
  byId("expected-section").hidden = !expected?.length && !record;
  const lines = (expected ?? []).map(expectedLine);
  byId("expected").replaceChildren(...(lines.length ? lines : [el("li", { class: "soft" }, "Nothing is due in the next weeks.")]));
  byId("record").textContent = record?.why ?? "";
}

function expectedLine({ entity, expected_on: day, confidence, why }) {
  return el(
    "li",
    { class: "expected" },
    el("a", { href: entityAddress(entity.id) }, entity.name),
    el("span", { class: "figure" }, `${percent(confidence)} likely`),
    el("time", { datetime: day }, sayDay(day)),
    why && el("p", {}, why),
  );
}

/** A fold that fetches its list when it is opened first. */
export function drawSuspicions(number) {
  const place = byId("worth-a-look");
  place.hidden = !number;
  if (!number || place.dataset.number === String(number)) return; // an open fold stays open
  place.dataset.number = number;
  const list = el("ul", { class: "plain-list" });
  const foot = el("div");
  const fold = el("details", { class: "fold" }, el("summary", {}, "Worth a look: ", el("strong", { class: "figure" }, count(number))), list, foot);
  const fill = () => addSuspicions(list, foot, () => get("graph/suspicions/", { limit: 5 }));
  fold.addEventListener("toggle", fill, { once: true });
  place.replaceChildren(fold);
}

async function addSuspicions(list, foot, fetchPage) {
  foot.replaceChildren(busy("Fetching what was noticed…"));
  try {
    const page = await fetchPage();
    list.append(...page.results.map(suspicion));
    foot.replaceChildren(...footOf(list, page.next, () => addSuspicions(list, foot, () => getPage(page.next))));
  } catch (error) {
    foot.replaceChildren(failure(error, () => addSuspicions(list, foot, fetchPage)));
  }
}

function suspicion({ why, memories, found_at: found }) {
  const cards = el("ul", { class: "plain-list" });
  fillCards(cards, memories);
  return el("li", { class: "suspicion" }, el("p", {}, el("strong", {}, why), " ", el("span", { class: "soft small" }, `Noticed on ${sayDay(found)}.`)), cards);
}

function footOf(list, next, more) {
  if (next) return [el("div", { class: "more" }, el("button", { type: "button", onclick: more }, "Show more"))];
  if (!list.children.length) return [el("p", { class: "soft" }, "Nothing any more: all is well.")];
  return [];
}
