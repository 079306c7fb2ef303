// What is shown: kinds (the legend itself), the least number of memories, ties of one layer, the strongest ties or all.
import { byId, count, el, plural } from "../site/dom.js";
import { countLayers, LAYERS } from "./layers.js";
import { KINDS, STRONGEST } from "./model.js";

const NAMES = { person: "People", place: "Places", organisation: "Organisations", topic: "Topics" };

export class Filters {
  constructor(changed) {
    this.kinds = new Set(KINDS);
    this.least = 1;
    this.ties = "strongest";
    this.layer = null;
    this.changed = changed;
    this.figures = {};
    this.fillKinds();
    this.listenToSlider();
    byId("ties").addEventListener("change", (event) => {
      this.ties = event.target.value;
      this.changed();
    });
    byId("layer").addEventListener("change", (event) => {
      this.layer = event.target.value || null;
      this.changed({ fit: true }); // few names may be left, anywhere
    });
  }

  /** Another state of the graph: the figures change, what the person chose does not. */
  renew(model) {
    const counts = model.countsByKind();
    for (const kind of KINDS) this.figures[kind].textContent = count(counts[kind]);
    this.setSlider(model);
    byId("ties").hidden = model.byStrength.length <= STRONGEST;
    this.setLayers(countLayers(model.edges.layers));
  }

  fillKinds() {
    const place = byId("kinds");
    const legend = place.querySelector("legend");
    place.replaceChildren(legend, ...KINDS.map((kind) => this.kindBox(kind)));
  }

  kindBox(kind) {
    const box = el("input", { type: "checkbox", checked: true, value: kind });
    box.addEventListener("change", () => {
      this.kinds[box.checked ? "add" : "delete"](kind);
      this.changed();
    });
    this.figures[kind] = el("span", { class: "figure" });
    return el("label", { class: `kind-${kind}` }, box, NAMES[kind], this.figures[kind]);
  }

  listenToSlider() {
    const slider = byId("least");
    slider.disabled = false;
    slider.addEventListener("input", () => {
      this.isLeastChosen = true;
      this.least = Number(slider.value);
      this.sayLeast();
      clearTimeout(this.waiting);
      this.waiting = setTimeout(() => this.changed(), 120);
    });
  }

  setSlider(model) {
    const slider = byId("least");
    const greatest = model.greatestLeast();
    this.least = this.isLeastChosen ? Math.min(this.least, greatest) : model.readableLeast();
    slider.max = greatest;
    slider.value = this.least;
    this.sayLeast();
  }

  sayLeast() {
    byId("least-value").value = plural(this.least, "memory", "memories");
  }

  /** One choice for each layer that some tie has; the small graph has none and hides the question. */
  setLayers(counts) {
    const found = Object.keys(LAYERS).filter((name) => counts[name] || name === this.layer);
    const options = found.map((name) => el("option", { value: name, selected: name === this.layer }, `${LAYERS[name].tie} (${count(counts[name])})`));
    byId("layer-choice").hidden = !found.length;
    byId("layer").replaceChildren(byId("layer").options[0], ...options);
  }
}

/** One sentence about what is seen of what there is. */
export function summarise(model, { rows, edges, hiddenTies }, layer) {
  const names = rows.length === model.size ? plural(model.size, "name") : `${count(rows.length)} of ${plural(model.size, "name")}`;
  const ties = hiddenTies ? `the strongest ${count(edges.length)} of ${plural(edges.length + hiddenTies, "tie")}` : plural(edges.length, "tie");
  return `${names}, ${ties}${layer ? ` with ${LAYERS[layer].tie}` : ""}`;
}
