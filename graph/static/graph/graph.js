// The graph page: fetches the graph once, then wires drawing, table, filters, search and panel. The address says what is open.
import { get } from "../site/api.js";
import { busy, byId, el, failure } from "../site/dom.js";
import { canDraw, Drawing } from "./draw.js";
import { Filters, summarise } from "./filters.js";
import { Model } from "./model.js";
import { showEntity } from "./panel.js";
import { Search } from "./search.js";
import { Table } from "./table.js";
import { showRelationship, showTie } from "./why.js";

const page = { model: null, drawing: null, table: null, filters: null, pinned: new Set(), opener: null };
const go = { entity: (id) => open("entity", id), tie: (id) => open("tie", id), relationship: (id) => open("relationship", id) };

async function start() {
  say(busy("Drawing your graph…"));
  try {
    page.model = new Model(await get("graph/", { view: "entities" }));
  } catch (error) {
    return say(failure(error, start));
  }
  if (page.model.size === 0) return say(nothing());
  say();
  furnish();
  follow();
}

function furnish() {
  const { model } = page;
  byId("controls").hidden = false;
  page.filters = new Filters(model, refilter);
  page.table = new Table(byId("table-view"), model, (row) => go.entity(model.id(row)));
  page.search = new Search(byId("find"), byId("found"), model, (row) => go.entity(model.id(row)));
  page.drawing = drawingOf(model);
  byId("as-canvas").disabled = page.drawing === null;
  refilter({ fit: true });
  show(page.drawing ? "canvas" : "table");
  if (!page.drawing) remark("Your browser offers no WebGL here, so the graph is shown as a table. It holds the same names and ties.");
  else if (model.complete === false) remark("Only your latest memories are drawn: the whole graph is being prepared or is switched off.");
}

function drawingOf(model) {
  if (!canDraw()) return null;
  try {
    return new Drawing(byId("canvas"), model, { node: go.entity, edge: go.tie, ground: close });
  } catch (error) {
    window.console.warn("The drawing could not begin:", error);
    return null;
  }
}

function refilter(options = {}) {
  const { filters, model } = page;
  const seen = model.visible({ kinds: filters.kinds, least: filters.least, ties: filters.ties, layer: filters.layer, pinned: page.pinned });
  byId("summary").textContent = summarise(model, seen, filters.layer);
  page.drawing?.show(seen, options);
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

async function follow() {
  const asked = new URLSearchParams(window.location.hash.slice(1));
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

async function followTie(id) {
  const edge = page.model.edgeRowOf.get(String(id));
  const known = edge === undefined ? null : [page.model.from[edge], page.model.to[edge]].map((row) => page.model.id(row));
  if (known) reveal(known, id);
  const ends = await showTie(openPanel(), id, go, { whole: page.model.complete });
  byId("panel-title")?.focus({ preventScroll: true });
  if (ends && !known) reveal(ends, id);
}

async function followRelationship(id) {
  await showRelationship(openPanel(), id, go);
  byId("panel-title")?.focus({ preventScroll: true });
}

/** Light up these entities, and draw them though a filter would hide them. */
function reveal(ids, edge = null) {
  const rows = ids.map((id) => page.model.rowOf.get(String(id))).filter((row) => row !== undefined);
  page.pinned = new Set(rows);
  refilter();
  page.drawing?.choose(ids.map(String), edge === null ? null : String(edge));
  page.drawing?.flyTo(ids.map(String));
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
  page.pinned = new Set();
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
window.addEventListener("hashchange", () => page.model && follow());
window.addEventListener("popstate", () => page.model && !window.location.hash && follow());
if (window.matchMedia("(max-width: 46rem)").matches) byId("filters").open = false;
start();
