// The graph page: draws what is known of the graph and follows its changes; wires drawing, table, filters, search and panel.
// The address says what is open.
import { busy, byId, el, failure } from "../site/dom.js";
import { canDraw, Drawing } from "./draw.js";
import { Filters, summarise } from "./filters.js";
import { keepAsking, markPainted, sayBehind, sayCurrent } from "./freshness.js";
import { Model, pairOf } from "./model.js";
import { showEntity, showTies } from "./panel.js";
import { Search } from "./search.js";
import { keepShell } from "./shell.js";
import { source } from "./source.js";
import { Table } from "./table.js";
import { showRelationship, showTie } from "./why.js";

const page = { model: null, drawing: null, table: null, search: null, filters: null, lit: { ids: [], tie: null }, opener: null };
const go = { entity: (id) => open("entity", id), tie: (pair) => open("tie", pair), relationship: (id) => open("relationship", id), corrected };

async function start() {
  say(busy("Drawing your graph…"));
  await source.looked;
  page.drawing ??= drawing(); // made ready while the graph is on its way
  let first;
  try {
    first = await source.first();
  } catch (error) {
    return say(failure(error, start));
  }
  draw(first.graph);
  markPainted(first.stage === "kept" ? "graph-kept" : "graph-first");
  if (first.stage === "whole") markPainted("graph-whole");
  else await catchUp();
  keepAsking(catchUp);
  source.gone = catchUp;
  window.setTimeout(keepShell, 1000); // when the page has nothing better to do
}

/** Draw what is new since the last answer, if anything is. */
async function catchUp() {
  try {
    const graph = await source.refresh();
    if (graph) draw(graph);
    sayCurrent();
    markPainted("graph-whole");
  } catch (error) {
    if (error.status === undefined) throw error;
    sayBehind(error, { asOf: source.asOf, isPart: !source.graph.complete && !page.model.isSmall });
  }
}

/** Show this state of the graph: the first one, or another in its place. Camera, filters and panel stay as they are. */
function draw(graph) {
  const before = page.model;
  page.model = new Model(graph);
  byId("controls").hidden = page.model.size === 0;
  if (page.model.size === 0) say(nothing());
  else if (!before?.size) say();
  if (!page.filters && page.model.size === 0) return;
  const isFirst = !page.filters;
  if (isFirst) furnish();
  renew({ fit: isFirst });
  if (isFirst) follow();
  else relight(before);
}

function furnish() {
  page.filters = new Filters(refilter);
  page.table = new Table(byId("table-view"), (row) => go.entity(page.model.id(row)));
  page.search = new Search(byId("find"), byId("found"), (row) => go.entity(page.model.id(row)));
  byId("as-canvas").disabled = page.drawing === null;
  show(page.drawing ? "canvas" : "table");
  if (!page.drawing) remark("Your browser offers no WebGL here, so the graph is shown as a table. It holds the same names and ties.");
  else if (page.model.isSmall) remark("Only your latest memories are drawn: the whole graph is being prepared or is switched off.");
}

function renew(options) {
  for (const part of [page.filters, page.table, page.search, page.drawing]) part?.renew(page.model);
  refilter(options);
}

/** What was lit stays lit; an entity that only now is in the graph is gone to. */
function relight(before) {
  const { ids } = page.lit;
  if (ids.some((id) => page.model.rowOf.has(id) && !before.rowOf.has(id))) page.drawing?.flyTo(ids);
  const open = addressed();
  if (open.has("entity")) showTies(byId("panel-body"), open.get("entity"), page.model, go);
}

function drawing() {
  if (!canDraw()) return null;
  try {
    return new Drawing(byId("canvas"), { node: go.entity, edge: go.tie, ground: close });
  } catch (error) {
    window.console.warn("The drawing could not begin:", error);
    return null;
  }
}

function refilter(options = {}) {
  const { filters, model } = page;
  const pinned = new Set(page.lit.ids.map((id) => model.rowOf.get(id)).filter((row) => row !== undefined));
  const seen = model.visible({ kinds: filters.kinds, least: filters.least, ties: filters.ties, layer: filters.layer, pinned });
  byId("summary").textContent = summarise(model, seen, filters.layer);
  page.drawing?.show(seen, { ...options, close: filters.layer !== null });
  if (options.fit) page.drawing?.fit();
  page.table.show(seen.rows);
}

function show(view) {
  const table = view === "table";
  byId("as-canvas").setAttribute("aria-pressed", String(!table));
  byId("as-table").setAttribute("aria-pressed", String(table));
  byId("table-view").hidden = !table;
  byId("canvas").hidden = table;
  byId("zoom").hidden = table;
  page.table.draw();
}

function say(...words) {
  byId("message").className = "message";
  byId("message").hidden = words.length === 0;
  byId("message").replaceChildren(...words);
}

function remark(words) {
  const dismiss = el("button", { type: "button", class: "link", onclick: () => say() }, "All right");
  say(el("p", { class: "notice", role: "status" }, `${words} `, dismiss));
  byId("message").classList.add("aside");
}

function nothing() {
  return el("div", { class: "empty" }, el("h2", {}, "No memories yet"), el("p", {}, el("a", { href: "/" }, "Write one"), " or ", el("a", { href: "/connections/" }, "import some"), ". The people, places, organisations and topics they name will meet here."));
}

/** Opening is going to an address: back closes again, and the address can be kept. */
function open(what, id) {
  const wanted = `#${what}=${encodeURIComponent(id)}`;
  if (window.location.hash === wanted) follow();
  else window.location.hash = wanted;
}

function close() {
  if (byId("panel").hidden) return;
  window.history.pushState(null, "", window.location.pathname);
  follow();
}

/** The person has said something of an entity: the graph is another one now, and this is its id. */
async function corrected(id) {
  await catchUp();
  open("entity", String(id));
}

const addressed = () => new URLSearchParams(window.location.hash.slice(1));

async function follow() {
  const asked = addressed();
  if (asked.has("entity")) await followEntity(asked.get("entity"));
  else if (asked.has("tie")) await followTie(asked.get("tie"));
  else if (asked.has("relationship")) await followRelationship(asked.get("relationship"));
  else hidePanel();
}

async function followEntity(id) {
  reveal([id]);
  const filled = showEntity(openPanel(), id, page.model, go);
  byId("panel-title")?.focus({ preventScroll: true });
  await filled;
}

/** A tie is called by its pair of ids, `12-57`; an older address may call it by an id of its own. */
async function followTie(name) {
  const known = /^(\d+)-(\d+)$/.exec(name)?.slice(1);
  if (known) reveal(known);
  const ends = await showTie(openPanel(), name, go, { isSmall: page.model.isSmall });
  byId("panel-title")?.focus({ preventScroll: true });
  if (ends && !known) reveal(ends);
}

async function followRelationship(id) {
  await showRelationship(openPanel(), id, go);
  byId("panel-title")?.focus({ preventScroll: true });
}

/** Light up these entities, two with the tie between them, and draw them though a filter would hide them. */
function reveal(ids) {
  page.lit = { ids: ids.map(String), tie: ids.length > 1 ? pairOf(...ids.map(Number)) : null };
  refilter();
  page.drawing?.choose(page.lit.ids, page.lit.tie);
  page.drawing?.flyTo(page.lit.ids);
}

function openPanel() {
  const panel = byId("panel");
  if (panel.hidden) page.opener = document.activeElement;
  panel.hidden = false;
  const body = byId("panel-body");
  body.scrollTop = 0;
  return body;
}

function hidePanel() {
  const panel = byId("panel");
  if (panel.hidden) return;
  panel.hidden = true;
  byId("panel-body").replaceChildren();
  page.lit = { ids: [], tie: null };
  page.drawing?.choose([]);
  page.opener?.focus?.({ preventScroll: true });
}

function pressed(event) {
  const { drawing } = page;
  if (!drawing || event.ctrlKey || event.metaKey || event.altKey) return;
  const steps = {
    ArrowLeft: () => drawing.pan(-1, 0),
    ArrowRight: () => drawing.pan(1, 0),
    ArrowUp: () => drawing.pan(0, -1),
    ArrowDown: () => drawing.pan(0, 1),
    "+": () => drawing.zoom(1 / 1.5),
    "=": () => drawing.zoom(1 / 1.5),
    "-": () => drawing.zoom(1.5),
    0: () => drawing.fit(),
  };
  if (!steps[event.key]) return;
  event.preventDefault();
  steps[event.key]();
}

byId("as-canvas").addEventListener("click", () => show("canvas"));
byId("as-table").addEventListener("click", () => show("table"));
byId("zoom-in").addEventListener("click", () => page.drawing.zoom(1 / 1.5));
byId("zoom-out").addEventListener("click", () => page.drawing.zoom(1.5));
byId("zoom-fit").addEventListener("click", () => page.drawing.fit());
byId("canvas").addEventListener("keydown", pressed);
byId("panel-close").addEventListener("click", close);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") close();
});
window.addEventListener("hashchange", () => page.filters && follow());
window.addEventListener("popstate", () => page.filters && !window.location.hash && follow());
if (window.matchMedia("(max-width: 46rem)").matches) byId("filters").open = false;
start();
