// When the page asks what changed, and what it says where nobody answers.
import { byId } from "../site/dom.js";

const EVERY_MS = 15_000;

/** Ask whenever the page comes into sight, gets the focus or the network back, and now and then while it is looked at. */
export function keepAsking(ask) {
  let isAsking = false;
  const now = async () => {
    if (isAsking || document.hidden || !navigator.onLine) return;
    isAsking = true;
    try {
      await ask();
    } finally {
      isAsking = false;
    }
  };
  document.addEventListener("visibilitychange", now);
  window.addEventListener("focus", now);
  window.addEventListener("online", now);
  window.setInterval(now, EVERY_MS);
}

export function sayCurrent() {
  byId("as-of").hidden = true;
}

/** Why the drawing may be behind. stage: what is drawn, "first" is a part. */
export function sayBehind(error, { asOf, isPart }) {
  const moment = new Date(asOf).toLocaleString(undefined, { dateStyle: "long", timeStyle: "short" });
  const reason = error.status === 0 ? "Offline" : "Not up to date";
  const rest = error.status === 0 ? " Memories and reasons need the network." : ` ${error.message}`;
  byId("as-of").textContent = isPart ? `${reason}: only the strongest part of your graph is here.${rest}` : `${reason}, as of ${moment}.${rest}`;
  byId("as-of").hidden = false;
}

/** Note for measurements when something has been painted, each once. */
export function markPainted(name) {
  if (performance.getEntriesByName(name, "mark").length) return;
  requestAnimationFrame(() => setTimeout(() => performance.mark(name)));
}
