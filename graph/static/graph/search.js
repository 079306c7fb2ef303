// Finding a name: a combobox over the labels, moved through with the arrow keys.
import { count, dot, el } from "../site/dom.js";

const MOST = 12;

/** Lower case without accents, so that "ana" finds "Ána". */
export const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

export class Search {
  constructor(input, list, choose) {
    Object.assign(this, { input, list, choose, model: null, keys: [], rows: [], active: -1 });
    input.disabled = false;
    input.addEventListener("input", () => this.look());
    input.addEventListener("blur", () => this.close());
    input.addEventListener("keydown", (event) => this.steer(event));
    list.addEventListener("mousedown", (event) => this.pick(event));
  }

  renew(model) {
    this.model = model;
    this.keys = model.nodes.label.map(plain);
    if (!this.list.hidden) this.look();
  }

  look() {
    const wanted = plain(this.input.value.trim());
    if (!wanted) return this.close();
    this.rows = this.ranked(wanted);
    this.active = this.rows.length ? 0 : -1;
    this.draw();
  }

  /** A name that begins with it, then a word that does, then anything that holds it; the important first. */
  ranked(wanted) {
    const { importance } = this.model.nodes;
    const hits = [];
    this.keys.forEach((key, row) => {
      const at = key.indexOf(wanted);
      if (at >= 0) hits.push({ row, rank: at === 0 ? 0 : key.includes(` ${wanted}`) ? 1 : 2 });
    });
    hits.sort((one, other) => one.rank - other.rank || importance[other.row] - importance[one.row]);
    return hits.slice(0, MOST).map((hit) => hit.row);
  }

  draw() {
    const options = this.rows.map((row, index) => this.option(row, index));
    this.list.replaceChildren(...(options.length ? options : [el("li", { class: "none" }, "No such name")]));
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.mark();
  }

  option(row, index) {
    const { kind, label, memories } = this.model.nodes;
    return el(
      "li",
      { id: `found-${index}`, role: "option", "data-index": index },
      dot(kind[row]),
      el("span", { class: "name" }, label[row]),
      el("span", { class: "hidden" }, `, ${kind[row]}`),
      el("span", { class: "figure" }, count(memories[row])),
    );
  }

  mark() {
    for (const [index, option] of [...this.list.children].entries()) option.setAttribute("aria-selected", String(index === this.active));
    const active = this.list.children[this.active];
    active?.scrollIntoView({ block: "nearest" });
    if (active?.id) this.input.setAttribute("aria-activedescendant", active.id);
    else this.input.removeAttribute("aria-activedescendant");
  }

  steer(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      if (this.list.hidden) this.look();
      else this.step(step);
    }
    if (event.key === "Enter" && !this.list.hidden) this.take(this.active);
    if (event.key === "Escape" && !this.list.hidden) {
      event.stopPropagation();
      this.close();
    }
  }

  step(step) {
    if (!this.rows.length) return;
    this.active = (this.active + step + this.rows.length) % this.rows.length;
    this.mark();
  }

  pick(event) {
    const option = event.target.closest("[data-index]");
    event.preventDefault();
    if (option) this.take(Number(option.dataset.index));
  }

  take(index) {
    const row = this.rows[index];
    if (row === undefined) return;
    this.input.value = this.model.nodes.label[row];
    this.close();
    this.choose(row);
  }

  close() {
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }
}
