// What is shown: kinds (the legend itself), the least number of memories, ties of one layer, the strongest ties or all.
import { byId, count, el, plural } from "../site/dom.js";
import { countLayers, LAYERS } from "./layers.js";
import { KINDS, STRONGEST } from "./model.js";

const NAMES = { person: "People", place: "Places", organisation: "Organisations", topic: "Topics" };

export class Filters {
  constructor(model, changed) {
    this.kinds = new Set(KINDS);
    this.least = model.readableLeast();
    this.ties = "strongest";
    this.layer = null;
    this.changed = changed;
    this.fillKinds(model.countsByKind());
    this.setSlider(model.greatestLeast());
    this.setTies(model.byStrength.length);
    this.setLayers(countLayers(model.edges.layers));
  }

  fillKinds(counts) {
    const place = byId("kinds");
    const legend = place.querySelector("legend");
    place.replaceChildren(legend, ...KINDS.map((kind) => this.kindBox(kind, counts[kind])));
  }

  kindBox(kind, number) {
    const box = el("input", { type: "checkbox", checked: true, value: kind });
    box.addEventListener("change", () => {
      this.kinds[box.checked ? "add" : "delete"](kind);
      this.changed();
    });
    return el("label", { class: `kind-${kind}` }, box, NAMES[kind], el("span", { class: "figure" }, count(number)));
  }

  setSlider(greatest) {
    const slider = byId("least");
    slider.max = greatest;
    slider.value = this.least;
    slider.disabled = false;
    slider.addEventListener("input", () => {
      this.least = Number(slider.value);
      this.sayLeast();
      clearTimeout(this.waiting);
      this.waiting = setTimeout(() => this.changed(), 120);
    });
    this.sayLeast();
  }

  sayLeast() {
    byId("least-value").value = plural(this.least, "memory", "memories");
  }

  setTies(number) {
    byId("ties").hidden = number <= STRONGEST;
    byId("ties").addEventListener("change", (event) => {
      this.ties = event.target.value;
      this.changed();
    });
  }

  /** One choice for each layer that some tie has; the small graph has none and hides the question. */
  setLayers(counts) {
    const found = Object.keys(LAYERS).filter((name) => counts[name]);
    byId("layer-choice").hidden = !found.length;
    byId("layer").append(...found.map((name) => el("option", { value: name }, `${LAYERS[name].tie} (${count(counts[name])})`)));
    byId("layer").addEventListener("change", (event) => {
      this.layer = event.target.value || null;
      this.changed({ fit: true }); // few names may be left, anywhere
    });
  }
}

/** One sentence about what is seen of what there is. */
export function summarise(model, { rows, edges, hiddenTies }, layer) {
  const names = rows.length === model.size ? plural(model.size, "name") : `${count(rows.length)} of ${plural(model.size, "name")}`;
  const ties = hiddenTies ? `the strongest ${count(edges.length)} of ${plural(edges.length + hiddenTies, "tie")}` : plural(edges.length, "tie");
  return `${names}, ${ties}${layer ? ` with ${LAYERS[layer].tie}` : ""}`;
}
