// All memories: search, source, days, one entity; the address holds the question, so it can be shared and gone back to.
import { get, getPage, queryString } from "../site/api.js";
import { busy, byId, dot, el, failure } from "../site/dom.js";
import { memoryCard, saySource } from "./card.js";

const form = byId("filters");
const list = byId("results");
const status = byId("status");
const more = byId("more");
const NAMES = ["q", "source", "since", "until", "entity"];
let next = null;
let asked = 0;
let names = [];

function question() {
  return Object.fromEntries(NAMES.map((name) => [name, form.elements.namedItem(name).value.trim()]));
}

function readAddress() {
  const given = new URLSearchParams(window.location.search);
  for (const name of NAMES) setField(form.elements.namedItem(name), given.get(name) ?? "");
}

function setField(field, value) {
  const known = field.tagName !== "SELECT" || [...field.options].some((option) => option.value === value);
  if (!known) field.append(el("option", { value }, saySource(value)));
  field.value = value;
}

async function search() {
  asked += 1;
  const mine = asked;
  const query = question();
  names = query.q ? query.q.replace(/["']/g, "").split(/\s+/) : [];
  list.replaceChildren();
  more.hidden = true;
  status.replaceChildren(busy("Looking…"));
  await show(() => get("memories/", query), mine, search);
}

async function showMore() {
  more.disabled = true;
  await show(() => getPage(next), asked, showMore);
  more.disabled = false;
}

async function show(fetchPage, mine, retry) {
  try {
    const page = await fetchPage();
    if (mine === asked) draw(page);
  } catch (error) {
    if (mine === asked) status.replaceChildren(failure(error, retry));
  }
}

function draw(page) {
  const entity = form.elements.namedItem("entity").value || null;
  list.append(...page.results.map((memory) => memoryCard(memory, { chips: true, names, entity })));
  next = page.next;
  more.hidden = !next;
  status.replaceChildren(...(list.children.length ? [] : [nothing()]));
}

function nothing() {
  const filtered = Object.values(question()).some(Boolean);
  if (!filtered) return el("div", { class: "empty" }, el("h2", {}, "No memories yet"), el("p", {}, el("a", { href: "/" }, "Write one"), " or ", el("a", { href: "/connections/" }, "bring some in"), "."));
  return el("div", { class: "empty" }, el("h2", {}, "Nothing fits"), el("p", {}, "No memory answers to all of this. ", el("a", { href: "/memories/" }, "Show all memories"), "."));
}

function changed() {
  window.history.pushState(null, "", `${window.location.pathname}${queryString(question())}`);
  search();
}

async function fillSources() {
  const chosen = form.elements.namedItem("source");
  try {
    const { memories } = await get("dashboard/");
    const known = new Set([...chosen.options].map((option) => option.value));
    chosen.append(...Object.keys(memories.sources).filter((slug) => !known.has(slug)).map((slug) => el("option", { value: slug }, saySource(slug))));
  } catch {
    chosen.title = "The list of sources could not be loaded";
  }
}

async function showEntity() {
  const id = form.elements.namedItem("entity").value;
  const place = byId("entity-chip");
  place.hidden = !id;
  if (!id) return;
  const remove = el("button", { type: "button", class: "link", onclick: dropEntity }, "Remove");
  place.replaceChildren("Only memories that name ", el("span", { class: "chip" }, `entity ${id}`), " ", remove);
  try {
    const entity = await get(`graph/entities/${encodeURIComponent(id)}/`);
    place.querySelector(".chip").replaceChildren(dot(entity.kind), entity.name);
  } catch {
    place.querySelector(".chip").replaceChildren("an entity that is no longer there");
  }
}

function dropEntity() {
  form.elements.namedItem("entity").value = "";
  showEntity();
  changed();
}

function restart() {
  readAddress();
  showEntity();
  search();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  changed();
});
form.addEventListener("change", (event) => {
  if (event.target.name !== "q") changed();
});
more.addEventListener("click", showMore);
new IntersectionObserver(([entry]) => {
  if (entry.isIntersecting && !more.hidden && !more.disabled) showMore();
}, { rootMargin: "400px" }).observe(more);
window.addEventListener("popstate", restart);
restart();
fillSources();
