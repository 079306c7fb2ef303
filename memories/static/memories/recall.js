// Memories by their ids, each asked for once in the life of a page.
import { get } from "../site/api.js";
import { busy, el, failure } from "../site/dom.js";
import { memoryCard } from "./card.js";

const asked = new Map();

/** The memories that are still there, in the order given. */
export async function recall(ids) {
  const found = await Promise.all(ids.map(fetchOnce));
  return found.filter(Boolean);
}

function fetchOnce(id) {
  const key = String(id);
  if (!asked.has(key)) asked.set(key, fetchMemory(key));
  return asked.get(key);
}

async function fetchMemory(id) {
  try {
    return await get(`memories/${encodeURIComponent(id)}/`);
  } catch (error) {
    if (error.status === 404) return null;
    asked.delete(id); // a later try may succeed
    throw error;
  }
}

/** Fill a list with the cards of these memories. options: as of memoryCard, and after(memory): what stands below a card. */
export async function fillCards(list, ids, { after = () => null, ...options } = {}) {
  list.replaceChildren(el("li", {}, busy("Fetching memories…")));
  try {
    const memories = await recall(ids);
    list.replaceChildren(...(memories.length ? memories.map((memory) => withAfter(memoryCard(memory, options), after(memory))) : [gone()]));
  } catch (error) {
    list.replaceChildren(el("li", {}, failure(error, () => fillCards(list, ids, { after, ...options }))));
  }
}

function withAfter(card, below) {
  if (below) card.append(below);
  return card;
}

const gone = () => el("li", { class: "soft" }, "They are not in your memories any more.");
