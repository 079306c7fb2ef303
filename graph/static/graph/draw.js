// The drawing: sigma on WebGL. It draws what it is told and reports what is pointed at; it decides nothing.
import { hoverPainter, labelPainter, shorten } from "./labels.js";
import { onThemeChange, readTheme } from "./theme.js";

const NAMED_NEIGHBOURS = 14;
const NAMED_FROM_AFAR = 90;
// A layout fills the unit circle, with few names a little outside: the frame is the same for a slice and for the whole.
const HOME = { x: 0.5, y: 0.5, ratio: 1, angle: 0 };
const FRAME = { x: [-1.1, 1.1], y: [-1.1, 1.1] };
const still = window.matchMedia("(prefers-reduced-motion: reduce)");

export function canDraw() {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("webgl2") ?? canvas.getContext("webgl");
  context?.getExtension("WEBGL_lose_context")?.loseContext();
  return Boolean(context && window.Sigma && window.graphology);
}

export class Drawing {
  /** on: {node(id), edge(pair), ground()}, called on a click. */
  constructor(container, on) {
    this.container = container;
    this.model = null;
    this.theme = readTheme();
    this.chosen = new Set();
    this.chosenEdge = null;
    this.pointedNode = null;
    this.pointedEdge = null;
    this.sigma = new window.Sigma(new window.graphology.MultiUndirectedGraph(), container, this.settings());
    this.listen(on);
    onThemeChange(() => this.recolour());
    new ResizeObserver(() => this.resize()).observe(container);
  }

  settings() {
    const theme = () => this.theme;
    return {
      allowInvalidContainer: true,
      defaultDrawNodeLabel: labelPainter(theme),
      defaultDrawNodeHover: hoverPainter(theme),
      enableEdgeEvents: true,
      hideEdgesOnMove: true,
      labelGridCellSize: 110,
      labelDensity: 0.8,
      minEdgeThickness: 0.8,
      maxCameraRatio: 3,
      minCameraRatio: 0.01,
      stagePadding: 50,
      zIndex: true,
      nodeReducer: (id, data) => this.lookOfNode(id, data),
      edgeReducer: (id, data) => this.lookOfEdge(id, data),
    };
  }

  listen(on) {
    const { sigma } = this;
    sigma.on("clickNode", ({ node }) => on.node(node));
    sigma.on("clickEdge", ({ edge }) => on.edge(edge));
    sigma.on("clickStage", () => on.ground());
    sigma.on("doubleClickNode", ({ event }) => event.preventSigmaDefault());
    sigma.on("enterNode", ({ node }) => this.point({ node }));
    sigma.on("leaveNode", () => this.point({}));
    sigma.on("enterEdge", ({ edge }) => this.point({ edge }));
    sigma.on("leaveEdge", () => this.point({}));
  }

  point({ node = null, edge = null }) {
    this.pointedNode = node;
    this.pointedEdge = edge;
    this.container.classList.toggle("pointing", node !== null || edge !== null);
    this.refocus({ schedule: true });
  }

  /** Another state of the graph, drawn by the next `show`. */
  renew(model) {
    this.model = model;
    this.rows = null;
  }

  /** Draw these rows and edges of the model; the frame is kept unless `fit`. close: the frame is that of these rows, not of any graph. */
  show({ rows, edges }, { fit = false, close = false } = {}) {
    const { model } = this;
    if (!fit && same(rows, this.rows) && same(edges, this.edges)) return;
    Object.assign(this, { rows, edges });
    const graph = new window.graphology.MultiUndirectedGraph();
    const great = this.great(rows);
    const scale = Math.min(1, Math.max(0.55, 28 / Math.sqrt(rows.length)));
    const calm = Math.min(1, Math.max(0.45, Math.sqrt(1500 / edges.length)));
    for (const row of rows) graph.addNode(model.id(row), this.nodeOf(row, great, scale));
    for (const edge of edges) graph.addEdgeWithKey(model.tie(edge), model.id(model.from[edge]), model.id(model.to[edge]), this.edgeOf(edge, calm));
    this.pointedNode = null;
    this.pointedEdge = null;
    if (fit || !this.sigma.getCustomBBox()) this.sigma.setCustomBBox(close ? frameOf(model.nodes, rows) : FRAME);
    this.sigma.setSetting("labelRenderedSizeThreshold", this.sizeWorthAName(graph));
    this.focus(graph);
    this.sigma.setGraph(graph); // the one rendering: what was scheduled above is done with it
  }

  /** The size from which names are written: some ninety are candidates from afar, more as one comes nearer. */
  sizeWorthAName(graph) {
    const sizes = graph.mapNodes((id, { size }) => size).sort((one, other) => other - one);
    return Math.min(5.5, sizes[Math.min(NAMED_FROM_AFAR, sizes.length - 1)] ?? 0);
  }

  /** The importance of a great name: the fifth, so that the person whose life it is does not make all others small. */
  great(rows) {
    const sorted = rows.map((row) => this.model.nodes.importance[row]).sort((one, other) => other - one);
    return sorted[Math.min(4, sorted.length - 1)] || 1;
  }

  nodeOf(row, great, scale) {
    const { nodes } = this.model;
    const share = Math.min(1.3, Math.max(0, nodes.importance[row]) / great) ** 0.7;
    return {
      x: nodes.x[row],
      y: nodes.y[row],
      size: (2.2 + share * 17) * scale,
      label: shorten(nodes.label[row]),
      kind: nodes.kind[row],
      color: this.theme.kinds[nodes.kind[row]] ?? this.theme.other,
    };
  }

  /** calm: 0 to 1, the fewer lines there are the more each may say. */
  edgeOf(edge, calm) {
    const { weight, layers } = this.model.edges;
    const share = Math.min(1, Math.max(0, weight[edge]) / this.model.strong);
    const shade = Math.round((share * 13 + (layers[edge] ? 2 : 0)) * calm);
    return { size: 0.3 + (share * 2.4 + (layers[edge] ? 0.25 : 0)) * calm, shade, color: this.theme.edges[shade] };
  }

  refocus({ schedule = false } = {}) {
    this.focus(this.sigma.getGraph());
    this.sigma.refresh({ skipIndexation: true, schedule });
  }

  /** The nodes in the light: the ones chosen or pointed at, and their neighbours; null when nothing is. */
  focus(graph) {
    const centres = this.centres(graph);
    this.centre = new Set(centres);
    this.lit = centres.length ? new Set(centres) : null;
    this.named = new Set(centres);
    for (const node of centres) this.light(graph, node);
  }

  centres(graph) {
    const present = (ids) => ids.filter((id) => graph.hasNode(id));
    if (this.pointedEdge && graph.hasEdge(this.pointedEdge)) return graph.extremities(this.pointedEdge);
    if (this.pointedNode) return present([this.pointedNode]);
    return present([...this.chosen]);
  }

  light(graph, node) {
    if (this.litEdge()) return;
    const neighbours = graph.neighbors(node);
    for (const neighbour of neighbours) this.lit.add(neighbour);
    const sizes = (id) => graph.getNodeAttribute(id, "size");
    neighbours.sort((one, other) => sizes(other) - sizes(one));
    for (const neighbour of neighbours.slice(0, NAMED_NEIGHBOURS)) this.named.add(neighbour);
  }

  litEdge() {
    return this.pointedEdge ?? (this.pointedNode ? null : this.chosenEdge);
  }

  lookOfNode(id, data) {
    if (!this.lit) return data;
    if (!this.lit.has(id)) return Object.assign(data, { color: this.theme.faded[data.kind] ?? this.theme.line, label: "", zIndex: 0 });
    return Object.assign(data, { forceLabel: this.named.has(id), highlighted: this.chosen.has(id), zIndex: this.centre.has(id) ? 2 : 1 });
  }

  lookOfEdge(id, data) {
    if (!this.lit) return data;
    if (this.isLit(id)) return Object.assign(data, { size: data.size + 0.9, color: this.litEdge() ? this.theme.accent : this.theme.edges[Math.min(15, data.shade + 7)], zIndex: 1 });
    return Object.assign(data, { color: this.theme.fadedEdge, zIndex: 0 });
  }

  isLit(id) {
    const only = this.litEdge();
    if (only) return id === only;
    const [one, other] = this.sigma.getGraph().extremities(id);
    return this.centre.has(one) || this.centre.has(other);
  }

  choose(nodes, edge = null) {
    this.chosen = new Set(nodes);
    this.chosenEdge = edge;
    this.refocus();
  }

  /** Bring these nodes to the middle, near enough to read their names. Places are known once nothing is scheduled. */
  flyTo(ids) {
    const places = ids.map((id) => this.sigma.getNodeDisplayData(id)).filter(Boolean);
    if (!places.length) return;
    const [x, y] = ["x", "y"].map((axis) => places.map((place) => place[axis]));
    const middle = (values) => (Math.min(...values) + Math.max(...values)) / 2;
    const spread = Math.max(Math.max(...x) - Math.min(...x), Math.max(...y) - Math.min(...y));
    const near = Math.max(0.45, Math.min(1, spread * 2.2));
    const now = this.sigma.getCamera().getState().ratio;
    this.move({ x: middle(x), y: middle(y), ratio: places.length > 1 ? near : Math.min(now, near) });
  }

  move(state) {
    const camera = this.sigma.getCamera();
    if (still.matches) camera.setState({ ...camera.getState(), ...state });
    else camera.animate(state, { duration: 450 });
  }

  zoom(factor) {
    this.move({ ratio: this.sigma.getCamera().getBoundedRatio(this.sigma.getCamera().getState().ratio * factor) });
  }

  pan(right, down) {
    const { x, y, ratio } = this.sigma.getCamera().getState();
    this.move({ x: x + right * ratio * 0.15, y: y - down * ratio * 0.15 });
  }

  fit() {
    const now = this.sigma.getCamera().getState();
    if (Object.entries(HOME).some(([name, value]) => now[name] !== value)) this.move(HOME);
  }

  resize() {
    const { width, height } = this.sigma.getDimensions();
    if (width === this.container.offsetWidth && height === this.container.offsetHeight) return;
    this.sigma.resize();
    this.sigma.scheduleRefresh();
  }

  recolour() {
    this.theme = readTheme();
    const graph = this.sigma.getGraph();
    graph.updateEachNodeAttributes((id, data) => ({ ...data, color: this.theme.kinds[data.kind] ?? this.theme.other }));
    graph.updateEachEdgeAttributes((id, data) => ({ ...data, color: this.theme.edges[data.shade] }));
    this.refocus();
  }
}

const same = (one, other) => one.length === other?.length && one.every((value, index) => value === other[index]);

/** What fits into the window: of many nodes all but the outermost hundredth on each side. */
function frameOf({ x, y }, rows) {
  if (!rows.length) return { x: [0, 1], y: [0, 1] };
  const spare = rows.length > 100 ? Math.ceil(rows.length / 100) : 0;
  const ends = (places) => {
    const sorted = rows.map((row) => places[row]).sort((one, other) => one - other);
    return [sorted[spare], sorted[sorted.length - 1 - spare]];
  };
  return { x: ends(x), y: ends(y) };
}
