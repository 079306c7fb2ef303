// The nine layers in their order, in the words of the pages. A tie carries them as a mask: bit n is layer n of this order.
export const LAYERS = {
  causal: { title: "Cause and effect", tie: "a cause" },
  temporal: { title: "Comes back", tie: "a rhythm" },
  seasonal: { title: "Season", tie: "a season" },
  pattern: { title: "Pattern", tie: "a pattern" },
  cross_platform: { title: "Across sources", tie: "several sources" },
  prediction: { title: "What may come", tie: "an expectation" },
  root_cause: { title: "Root cause", tie: "a chain of causes" },
  change: { title: "What changed", tie: "a change on record" },
  duplicate: { title: "The same thing twice", tie: "copies" },
};
export const NAMES = Object.keys(LAYERS);

export const maskOf = (name) => (name ? 1 << NAMES.indexOf(name) : 0);

/** How many of these masks hold each layer: {causal: 3, …}. */
export function countLayers(masks) {
  const counts = Object.fromEntries(NAMES.map((name) => [name, 0]));
  for (const mask of masks) for (const name of NAMES) if (mask & maskOf(name)) counts[name] += 1;
  return counts;
}
