// The graph in columns as the server sent it, with the indexes that the page asks: neighbours, order of strength, what is visible.
import { maskOf } from "./layers.js";

export const KINDS = ["person", "place", "organisation", "topic"];
export const STRONGEST = 6000;
const READABLE = 1200;
const SMALL = "small";

/** How a tie is called: by the ids of its two ends, the lower first. */
export function pairOf(one, other) {
  const isOrdered = typeof one === "number" && typeof other === "number" ? one <= other : String(one) <= String(other);
  return isOrdered ? `${one}-${other}` : `${other}-${one}`;
}

export class Model {
  constructor({ nodes, edges, version }) {
    this.nodes = { ...nodes, x: [...nodes.x], y: [...nodes.y] };
    this.edges = edges;
    this.isSmall = version === SMALL; // drawn from the latest memories alone, while the whole graph is switched off
    this.size = nodes.id.length;
    this.rowOf = new Map(nodes.id.map((id, row) => [String(id), row]));
    this.spread();
    this.indexEdges();
  }

  /** Names that have no place yet (all at the origin) stand in a spiral instead of on one spot. */
  spread() {
    const { x, y } = this.nodes;
    const lost = [...x.keys()].filter((row) => !x[row] && !y[row]);
    if (lost.length < 2) return;
    const reach = 1.15 * x.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
    lost.forEach((row, rank) => {
      const radius = reach * Math.sqrt((rank + 0.5) / lost.length);
      x[row] = radius * Math.cos(rank * 2.399963);
      y[row] = radius * Math.sin(rank * 2.399963);
    });
  }

  /** Ties come between rows of nodes; where they have ids of their own (the small graph) they come between ids. */
  indexEdges() {
    const { id: ids, source, target, weight } = this.edges;
    const ends = ids ? (end) => this.rowOf.get(String(end)) ?? -1 : (end) => end;
    this.from = Int32Array.from(source, ends);
    this.to = Int32Array.from(target, ends);
    const whole = [...weight.keys()].filter((edge) => this.from[edge] >= 0 && this.to[edge] >= 0);
    this.byStrength = whole.sort((one, other) => weight[other] - weight[one]);
    this.strong = weight[this.byStrength[Math.floor(whole.length / 100)]] || 1;
    this.edgesAt = Array.from({ length: this.size }, () => []);
    for (const edge of this.byStrength) {
      this.edgesAt[this.from[edge]].push(edge);
      if (this.to[edge] !== this.from[edge]) this.edgesAt[this.to[edge]].push(edge);
    }
  }

  id(row) {
    return String(this.nodes.id[row]);
  }

  tie(edge) {
    return pairOf(this.nodes.id[this.from[edge]], this.nodes.id[this.to[edge]]);
  }

  otherEnd(edge, row) {
    return this.from[edge] === row ? this.to[edge] : this.from[edge];
  }

  /** Edges of a node, strongest first. */
  tiesOf(row) {
    return this.edgesAt[row];
  }

  countsByKind() {
    const counts = Object.fromEntries(KINDS.map((kind) => [kind, 0]));
    for (const kind of this.nodes.kind) counts[kind] = (counts[kind] ?? 0) + 1;
    return counts;
  }

  /** The least number of memories that leaves a readable picture: 1 for a small graph. */
  readableLeast() {
    if (this.size <= READABLE) return 1;
    const counts = [...this.nodes.memories].sort((one, other) => other - one);
    return Math.min(counts[READABLE] + 1, this.greatestLeast());
  }

  /** Where the slider ends: some fifty names are left there. */
  greatestLeast() {
    const counts = [...this.nodes.memories].sort((one, other) => other - one);
    return Math.max(2, Math.min(counts[Math.min(50, counts.length - 1)] ?? 2, 200));
  }

  /** What a filter leaves: {rows, edges (weakest first, so that the strong lie on top), hiddenTies}. A layer leaves only the names that it ties. */
  visible({ kinds, least, ties, layer, pinned }) {
    const { shown, rows } = this.fitting({ kinds, least, pinned });
    const mask = maskOf(layer);
    const isAsked = (edge) => !mask || this.edges.layers[edge] & mask || (pinned.has(this.from[edge]) && pinned.has(this.to[edge]));
    const among = this.byStrength.filter((edge) => shown[this.from[edge]] && shown[this.to[edge]] && isAsked(edge));
    const edges = ties === "all" ? among : this.strongest(among, pinned);
    return { rows: mask ? this.tiedBy(among, rows, pinned) : rows, edges: edges.reverse(), hiddenTies: among.length - edges.length };
  }

  tiedBy(edges, rows, pinned) {
    const tied = new Set(pinned);
    for (const edge of edges) tied.add(this.from[edge]).add(this.to[edge]);
    return rows.filter((row) => tied.has(row));
  }

  fitting({ kinds, least, pinned }) {
    const shown = new Uint8Array(this.size);
    const rows = [];
    for (let row = 0; row < this.size; row += 1) {
      const fits = kinds.has(this.nodes.kind[row]) && this.nodes.memories[row] >= least;
      if (fits || pinned.has(row)) {
        shown[row] = 1;
        rows.push(row);
      }
    }
    return { shown, rows };
  }

  strongest(edges, pinned) {
    return edges.filter((edge, rank) => rank < STRONGEST || pinned.has(this.from[edge]) || pinned.has(this.to[edge]));
  }
}
