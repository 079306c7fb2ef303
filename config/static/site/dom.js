// Building elements. Text of memories is hostile: it enters the page as text nodes only.

/** el("a", {href, class, onclick}, child, [children], "text"): null and false are left out. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) setAttribute(node, name, value);
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

function setAttribute(node, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
  else node.setAttribute(name, value === true ? "" : value);
}

export const byId = (id) => document.getElementById(id);

const numbers = new Intl.NumberFormat(); // costly to make
export const count = (number) => numbers.format(number ?? 0);

/** A share of 0 to 1 as "64 %". */
export const percent = (share) => `${Math.round(share * 100)}\u00a0%`;

export function plural(number, one, many = `${one}s`) {
  return `${count(number)} ${number === 1 ? one : many}`;
}

export const dot = (kind) => el("span", { class: `dot dot-${kind}`, "aria-hidden": "true" });

export const busy = (text) => el("div", { class: "busy", role: "status" }, text);

/** A sentence about what failed, with a button that tries again. */
export function failure(error, retry) {
  return el(
    "div",
    { class: "notice notice-bad", role: "alert" },
    el("p", {}, error.message),
    retry && el("button", { type: "button", onclick: retry }, "Try again"),
  );
}
