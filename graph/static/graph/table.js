// The graph as a table: the same names under the same filters, for reading, sorting and screen readers.
import { count, dot, el } from "../site/dom.js";
import { sayDay } from "../site/dates.js";

const PAGE = 200;
const COLUMNS = [
  { name: "label", title: "Name" },
  { name: "kind", title: "Kind" },
  { name: "memories", title: "Memories", numeric: true },
  { name: "importance", title: "Importance", numeric: true, wide: true },
  { name: "ties", title: "Ties", numeric: true, wide: true },
  { name: "first_seen", title: "First seen", wide: true },
  { name: "last_seen", title: "Last seen", wide: true },
];

export class Table {
  constructor(container, model, choose) {
    Object.assign(this, { container, model, choose, rows: [], shown: PAGE, by: "importance", falling: true });
    this.greatest = model.nodes.importance.reduce((most, value) => Math.max(most, value), 1e-9);
  }

  show(rows) {
    if (rows.length === this.rows.length && rows.every((row, index) => row === this.rows[index])) return;
    this.rows = rows;
    this.shown = PAGE;
    this.draw();
  }

  value(row, name) {
    if (name === "ties") return this.model.tiesOf(row).length;
    return this.model.nodes[name][row];
  }

  sorted() {
    const turn = this.falling ? -1 : 1;
    const compare = (one, other) => (typeof one === "string" ? one.localeCompare(other) : one - other);
    return [...this.rows].sort((one, other) => turn * compare(this.value(one, this.by) ?? "", this.value(other, this.by) ?? ""));
  }

  draw() {
    const rows = this.sorted();
    const rest = rows.length - this.shown;
    const more = rest > 0 && el("div", { class: "more" }, el("button", { type: "button", onclick: () => this.more() }, `Show ${count(Math.min(rest, PAGE))} more`));
    const caption = el("caption", {}, `${count(Math.min(this.shown, rows.length))} of ${count(rows.length)} names`);
    const head = el("thead", {}, el("tr", {}, COLUMNS.map((column) => this.header(column))));
    const body = el("tbody", {}, rows.slice(0, this.shown).map((row) => this.line(row)));
    this.container.replaceChildren(el("table", {}, caption, head, body), ...(more ? [more] : []));
  }

  header({ name, title, numeric, wide }) {
    const sort = name === this.by ? (this.falling ? "descending" : "ascending") : null;
    return el("th", { scope: "col", "aria-sort": sort, class: classes(numeric, wide) }, el("button", { type: "button", "data-column": name, onclick: () => this.sortBy(name, numeric) }, title));
  }

  line(row) {
    const { label, kind, memories, importance, first_seen: first, last_seen: last } = this.model.nodes;
    return el(
      "tr",
      {},
      el("td", {}, el("button", { type: "button", class: "link", onclick: () => this.choose(row) }, label[row])),
      el("td", { class: "kind-cell" }, dot(kind[row]), ` ${kind[row]}`),
      el("td", { class: "number" }, count(memories[row])),
      el("td", { class: "number wide-only" }, `${Math.round((importance[row] / this.greatest) * 100)}`),
      el("td", { class: "number wide-only" }, count(this.model.tiesOf(row).length)),
      el("td", { class: "wide-only" }, sayDay(first[row])),
      el("td", { class: "wide-only" }, sayDay(last[row])),
    );
  }

  sortBy(name, numeric) {
    this.falling = name === this.by ? !this.falling : Boolean(numeric);
    this.by = name;
    this.draw();
    this.container.querySelector(`[data-column="${name}"]`).focus();
  }

  more() {
    this.shown += PAGE;
    this.draw();
    this.container.querySelectorAll("tbody button")[this.shown - PAGE]?.focus();
  }
}

const classes = (numeric, wide) => [numeric && "number", wide && "wide-only"].filter(Boolean).join(" ") || null;
