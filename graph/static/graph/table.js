// The graph as a table: the same names under the same filters, for reading, sorting and screen readers.
import { count, dot, el } from "../site/dom.js";

const PAGE = 200;
const COLUMNS = [
  { name: "label", title: "Name" },
  { name: "kind", title: "Kind" },
  { name: "memories", title: "Memories", numeric: true },
  { name: "importance", title: "Importance", numeric: true, wide: true },
  { name: "ties", title: "Ties", numeric: true, wide: true },
];

export class Table {
  constructor(container, choose) {
    Object.assign(this, { container, choose, model: null, rows: [], shown: PAGE, by: "importance", falling: true });
  }

  /** Another state of the graph; what is sorted and unfolded stays so. */
  renew(model) {
    this.model = model;
    this.greatest = model.nodes.importance.reduce((most, value) => Math.max(most, value), 1e-9);
    this.isOld = true;
  }

  show(rows) {
    if (!this.isOld && rows.length === this.rows.length && rows.every((row, index) => row === this.rows[index])) return;
    if (!this.isOld) this.shown = PAGE;
    this.isOld = true;
    this.rows = rows;
    this.draw();
  }

  sorted() {
    const turn = this.falling ? -1 : 1;
    const compare = (one, other) => (typeof one === "string" ? one.localeCompare(other) : one - other);
    return [...this.rows].sort((one, other) => turn * compare(this.value(one, this.by) ?? "", this.value(other, this.by) ?? ""));
  }

  value(row, name) {
    if (name === "ties") return this.model.tiesOf(row).length;
    return this.model.nodes[name][row];
  }

  /** Nothing is made while nobody looks; the focus goes back to the line that had it. */
  draw() {
    if (this.container.hidden || !this.isOld) return;
    this.isOld = false;
    const focused = this.container.contains(document.activeElement) ? document.activeElement.textContent : null;
    this.container.replaceChildren(...this.parts());
    if (focused !== null) [...this.container.querySelectorAll("button")].find((button) => button.textContent === focused)?.focus({ preventScroll: true });
  }

  parts() {
    const rows = this.sorted();
    const rest = rows.length - this.shown;
    const caption = el("caption", {}, `${count(Math.min(this.shown, rows.length))} of ${count(rows.length)} names`);
    const head = el("thead", {}, el("tr", {}, COLUMNS.map((column) => this.header(column))));
    const body = el("tbody", {}, rows.slice(0, this.shown).map((row) => this.line(row)));
    const table = el("table", {}, caption, head, body);
    return rest > 0 ? [table, el("div", { class: "more" }, el("button", { type: "button", onclick: () => this.more() }, `Show ${count(Math.min(rest, PAGE))} more`))] : [table];
  }

  header({ name, title, numeric, wide }) {
    const sort = name === this.by ? (this.falling ? "descending" : "ascending") : null;
    return el("th", { scope: "col", "aria-sort": sort, class: classes(numeric, wide) }, el("button", { type: "button", "data-column": name, onclick: () => this.sortBy(name, numeric) }, title));
  }

  line(row) {
    const { label, kind, memories, importance } = this.model.nodes;
    return el(
      "tr",
      {},
      el("td", {}, el("button", { type: "button", class: "link", onclick: () => this.choose(row) }, label[row])),
      el("td", { class: "kind-cell" }, dot(kind[row]), ` ${kind[row]}`),
      el("td", { class: "number" }, count(memories[row])),
      el("td", { class: "number wide-only" }, `${Math.round((importance[row] / this.greatest) * 100)}`),
      el("td", { class: "number wide-only" }, count(this.model.tiesOf(row).length)),
    );
  }

  sortBy(name, numeric) {
    this.falling = name === this.by ? !this.falling : Boolean(numeric);
    this.by = name;
    this.isOld = true;
    this.draw();
  }

  more() {
    this.shown += PAGE;
    this.isOld = true;
    this.draw();
    this.container.querySelectorAll("tbody button")[this.shown - PAGE]?.focus();
  }
}

const classes = (numeric, wide) => [numeric && "number", wide && "wide-only"].filter(Boolean).join(" ") || null;
