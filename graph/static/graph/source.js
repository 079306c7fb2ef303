// Where the graph of the page comes from: what this browser keeps, else a first slice and the whole behind it; then what changed.
// It begins when it is loaded, beside the drawing library and not after it.
import { get } from "../site/api.js";
import { Kept } from "../site/kept.js";
import { applyChanges, isEmpty } from "./changes.js";

const NAME = "graph of entities";
const SLICE = { limit: 150, edges: 300 };
const GONE = 410;

class Source {
  constructor() {
    this.gone = () => {};
    this.kept = new Kept(() => this.gone());
    this.graph = null;
    this.asOf = null; // when the server last said that this is the graph
    this.looked = this.kept.read(NAME); // what follows of it is under way when others hear of it
    this.opening = this.open();
    this.opening.catch(() => {}); // who asks for it hears of it
  }

  async open() {
    const kept = await this.looked;
    const graph = kept ? kept.graph : await ask(SLICE);
    const stage = kept ? "kept" : graph.complete ? "whole" : "first";
    this.take(graph, kept ? kept.at : Date.now());
    if (stage === "whole") this.keep(graph);
    else this.expect();
    return { graph, stage };
  }

  take(graph, at) {
    this.graph = graph;
    this.asOf = at;
  }

  /** Ask at once for what will be wanted next. */
  expect() {
    this.coming = this.next();
    this.coming.catch(() => {});
  }

  /** {graph, stage: "kept", "first" or "whole"}: what is there to draw first. */
  async first() {
    this.opening ??= this.open();
    try {
      return await this.opening;
    } catch (error) {
      this.opening = null;
      throw error;
    }
  }

  /** The graph as it is by now; null when it is the same. */
  async refresh() {
    const before = this.graph;
    const coming = this.coming ?? this.next();
    this.coming = null;
    const now = await coming;
    this.take(now, Date.now());
    if (now.complete && (now !== before || !this.written)) this.keep(now);
    return isSame(now, before) ? null : now;
  }

  keep(graph) {
    this.written = true;
    return this.kept.write(NAME, { graph, at: Date.now() });
  }

  async changed() {
    const { graph } = this;
    try {
      const changes = await get("graph/changes/", { since: graph.version });
      if (!isEmpty(changes)) return applyChanges(graph, changes);
      return changes.version === graph.version ? graph : { ...graph, version: changes.version };
    } catch (error) {
      if (error.status !== GONE) throw error;
      return ask();
    }
  }

  next() {
    return this.graph.complete ? this.changed() : ask();
  }
}

const ask = (part = {}) => get("graph/", { as: "drawing", ...part });

/** The small graph has one version for all its states, and a new version may be of the same graph. */
const isSame = (one, other) => one.nodes === other.nodes || (one.complete === other.complete && ["nodes", "edges"].every((part) => JSON.stringify(one[part]) === JSON.stringify(other[part])));

export const source = new Source();
