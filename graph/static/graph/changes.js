// What changed since a version, applied to the graph in columns that `graph/?as=drawing` sent: rows by importance, ties between rows.
import { pairOf } from "./model.js";

const NODE = ["id", "kind", "label", "memories", "importance", "community", "x", "y"];
const EDGE = ["source", "target", "weight", "layers"];

export function isEmpty({ nodes, edges, removed, relayout }) {
  return !relayout && ![nodes.id, edges.id, removed.nodes, removed.edges].some((ids) => ids.length);
}

/** A new graph; the one given stays as it is. */
export function applyChanges(graph, changes) {
  const nodes = changedNodes(graph.nodes, changes);
  const rowOf = new Map(nodes.map(([id], row) => [id, row]));
  const edges = changedEdges(graph, changes)
    .filter(([source, target]) => rowOf.has(source) && rowOf.has(target))
    .map(([source, target, ...rest]) => [...[rowOf.get(source), rowOf.get(target)].sort(byNumber), ...rest])
    .sort((one, other) => one[0] - other[0] || one[1] - other[1]);
  return { nodes: columnsOf(nodes, NODE), edges: columnsOf(edges, EDGE), version: changes.version, complete: true };
}

/** After a new layout the changes hold every node. */
function changedNodes(nodes, changes) {
  const byId = new Map(changes.relayout ? [] : rowsOf(nodes, NODE).map((row) => [row[0], row]));
  for (const row of rowsOf(changes.nodes, NODE)) byId.set(row[0], row);
  for (const id of changes.removed.nodes) byId.delete(id);
  const importance = NODE.indexOf("importance");
  return [...byId.values()].sort((one, other) => other[importance] - one[importance] || one[0] - other[0]);
}

/** Rows of EDGE whose ends are ids of nodes; a tie is known by its pair. */
function changedEdges({ nodes, edges }, changes) {
  const named = rowsOf(edges, EDGE).map(([source, target, ...rest]) => [nodes.id[source], nodes.id[target], ...rest]);
  const byPair = new Map();
  for (const row of named) byPair.set(pairOf(row[0], row[1]), row);
  for (const [source, target] of changes.removed.ends) byPair.delete(pairOf(source, target));
  for (const row of rowsOf(changes.edges, EDGE)) byPair.set(pairOf(row[0], row[1]), row);
  return [...byPair.values()];
}

const byNumber = (one, other) => one - other;
const rowsOf = (columns, names) => columns[names[0]].map((_, row) => names.map((name) => columns[name][row]));
const columnsOf = (rows, names) => Object.fromEntries(names.map((name, index) => [name, rows.map((row) => row[index])]));
