// Parts of this page: moments that stay true, and questions that wait for an answer.
import { el } from "../site/dom.js";
import { sayMoment } from "./words.js";

const TICK_MS = 20_000;

/** A moment as seen from now, kept true while the page is open. */
export function moment(text) {
  return el("time", { datetime: text, title: new Date(text).toLocaleString(), "data-moment": true }, sayMoment(text));
}

function tick() {
  for (const node of document.querySelectorAll("[data-moment]")) {
    const words = sayMoment(node.dateTime);
    if (node.textContent !== words) node.textContent = words;
  }
}

setInterval(tick, TICK_MS);

let asked = 0;

/**
 * Ask in a dialog; the value of the chosen answer, null when it is closed.
 * answers: [[label, value, class]], the first is where the focus begins; watch(dialog) may change it while it is open.
 */
export function ask({ title, body, answers, watch = () => {} }) {
  asked += 1;
  const id = `question-${asked}`;
  return new Promise((resolve) => {
    const buttons = answers.map(([label, value, kind], index) =>
      el("button", { type: "button", class: kind, "data-answer": value, autofocus: index === 0, onclick: () => dialog.close(value) }, label),
    );
    const dialog = el("dialog", { "aria-labelledby": id }, el("h2", { id }, title), body, el("div", { class: "row" }, buttons));
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue || null);
    });
    document.body.append(dialog);
    watch(dialog);
    dialog.showModal();
  });
}
