// The life as chapters; every sentence carries the memories it rests on.
import { get } from "../site/api.js";
import { byId, el, failure } from "../site/dom.js";
import { saySpan } from "../site/dates.js";
import { memoryAddress } from "./card.js";

const NOTES = 3;
const page = byId("chapters");
let note = 0;

async function load() {
  try {
    draw((await get("narrative/")).chapters ?? []);
  } catch (error) {
    page.replaceChildren(failure(error, load));
  }
}

function draw(chapters) {
  note = 0;
  page.replaceChildren(...(chapters.length ? chapters.map(chapterOf) : [nothing()]));
  byId("contents").hidden = chapters.length < 3;
  byId("contents-list").replaceChildren(...chapters.map((chapter, index) => el("li", {}, el("a", { href: `#chapter-${index}` }, chapter.title))));
}

function chapterOf(chapter, index) {
  const heading = `chapter-${index}`;
  return el(
    "section",
    { class: "chapter", "aria-labelledby": heading },
    el("h2", { id: heading }, chapter.title),
    el("p", { class: "chapter-span" }, saySpan(chapter.from, chapter.to)),
    el("p", { class: "prose" }, chapter.sentences.map(sentenceOf)),
  );
}

function sentenceOf({ text, memories }) {
  const shown = (memories ?? []).slice(0, NOTES);
  const rest = (memories ?? []).slice(NOTES);
  return [el("span", {}, text, el("sup", {}, shown.map(footnote), rest.length > 0 && unfold(rest))), " "];
}

function footnote(id) {
  note += 1;
  return el("a", { class: "footnote", href: memoryAddress(id), "aria-label": `Memory behind this sentence, note ${note}` }, String(note));
}

function unfold(ids) {
  const button = el("button", { type: "button", class: "link footnote", "aria-label": `${ids.length} more memories behind this sentence` }, `+${ids.length}`);
  button.addEventListener("click", () => {
    const links = ids.map(footnote);
    button.replaceWith(...links);
    links[0].focus();
  });
  return button;
}

function nothing() {
  return el("div", { class: "empty" }, el("h2", {}, "No story yet"), el("p", {}, "The narrative begins when there are memories to tell it from. ", el("a", { href: "/" }, "Write one"), "."));
}

load();
