// Colours of the drawing, read from the style sheet, so that light and dark stay in one place.
import { KINDS } from "./model.js";

export function readTheme() {
  const style = getComputedStyle(document.documentElement);
  const read = (name) => style.getPropertyValue(`--${name}`).trim();
  const ground = rgb(read("ground"));
  const kinds = Object.fromEntries(KINDS.map((kind) => [kind, read(kind)]));
  return {
    kinds,
    faded: Object.fromEntries(KINDS.map((kind) => [kind, hex(mix(ground, rgb(kinds[kind]), 0.16))])),
    ink: read("ink"),
    ground: read("ground"),
    surface: read("surface"),
    line: read("line-strong"),
    accent: read("accent"),
    other: read("soft"),
    font: getComputedStyle(document.body).fontFamily,
    edges: shades(ground, rgb(read("edge"))),
    fadedEdge: hex(mix(ground, rgb(read("edge")), 0.06)),
  };
}

/** Sixteen shades from faint to strong. Lines are mixed with the ground, for WebGL blends half-transparent ones wrongly. */
function shades(ground, edge) {
  return Array.from({ length: 16 }, (_, step) => hex(mix(ground, edge, 0.18 + (step / 15) * 0.6)));
}

const rgb = (colour) => [1, 3, 5].map((index) => parseInt(colour.slice(index, index + 2), 16));
const mix = (one, other, share) => one.map((value, index) => Math.round(value + (other[index] - value) * share));
const hex = (parts) => `#${parts.map((value) => value.toString(16).padStart(2, "0")).join("")}`;

export function onThemeChange(act) {
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", act);
}
