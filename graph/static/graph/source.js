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
    this.opening = this.open();
    this.opening.catch(() => {}); // who asks for it hears of it
  }

  async open() {
    const kept = await this.kept.read(NAME);
    if (kept) return this.take(kept.graph, kept.at, "kept");
    const slice = await ask(SLICE);
    if (slice.complete) this.keep(slice);
    else this.expectWhole();
    return this.take(slice, Date.now(), slice.complete ? "whole" : "first");
  }

  take(graph, at, stage) {
    this.graph = graph;
    this.asOf = at;
    return { graph, stage };
  }

  expectWhole() {
    this.coming = ask();
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
    const now = before.complete ? await this.changed() : await this.whole();
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

  async whole() {
    const coming = this.coming ?? ask();
    this.coming = null;
    return coming;
  }
}

const ask = (part = {}) => get("graph/", { as: "drawing", ...part });

/** The small graph has one version for all its states, and a new version may be of the same graph. */
const isSame = (one, other) => one.nodes === other.nodes || (one.complete === other.complete && ["nodes", "edges"].every((part) => JSON.stringify(one[part]) === JSON.stringify(other[part])));

export const source = new Source();
