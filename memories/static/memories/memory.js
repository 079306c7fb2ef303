// One memory: read it with its names marked, change it, delete it.
import { get, patch, remove } from "../site/api.js";
import { busy, byId, el, failure } from "../site/dom.js";
import { sayDay } from "../site/dates.js";
import { entityAddress, entityChips, memoryHead, titleOf } from "./card.js";
import { drawSpans, spansOf } from "./text.js";

const page = byId("memory");
const path = `memories/${encodeURIComponent(page.dataset.memory)}/`;

async function load() {
  page.replaceChildren(busy("Opening…"));
  try {
    show(await get(path));
  } catch (error) {
    page.replaceChildren(failure(error, load));
  }
}

function show(memory) {
  document.title = `${titleOf(memory)} · Life Graph`;
  page.replaceChildren(
    memoryHead(memory, { day: Boolean(memory.title) }),
    el("h1", {}, memory.title ? marked(memory, "title") : sayDay(memory.occurred_on, memory.occurred_precision)),
    el("div", { class: "prose memory-text" }, marked(memory, "content")),
    about(memory),
    actions(memory),
  );
}

function marked(memory, field) {
  const text = memory[field] ?? "";
  return drawSpans(text, spansOf(text, memory.entities, field), (words, { mention }) => mentionLink(words, mention));
}

function mentionLink(words, mention) {
  const kind = `mention mention-${mention.kind}`;
  if (!mention.entity_id) return el("span", { class: kind, title: mention.kind }, words);
  return el("a", { class: kind, title: mention.kind, href: entityAddress(mention.entity_id) }, words);
}

function about(memory) {
  const chips = entityChips(memory.entities);
  return el(
    "aside",
    { class: "section", "aria-label": "About this memory" },
    chips && [el("h2", {}, "Named in it"), chips],
    el("details", { class: "fold section" }, el("summary", {}, "Where it comes from"), el("dl", { class: "pairs" }, facts(memory).map(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]))),
  );
}

function facts(memory) {
  const people = (memory.participants ?? []).map(({ name, address }) => (name && address ? `${name} <${address}>` : name || address));
  const rows = [
    ["Author", memory.author],
    ["Participants", people.join(", ")],
    ["Account", memory.account],
    ["Thread", memory.thread_id],
    ["Answers", memory.reply_to],
    ["Id at the source", memory.external_id],
    ["Stage", memory.stage === "failed" ? `failed before it was ${memory.failed_stage}` : memory.stage],
    ["Stored", sayMoment(memory.created_at)],
    ["Changed", sayMoment(memory.updated_at)],
    ...Object.entries(memory.metadata ?? {}).map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]),
  ];
  return rows.filter(([, value]) => value);
}

const sayMoment = (text) => (text ? new Date(text).toLocaleString() : "");

function actions(memory) {
  return el(
    "div",
    { class: "row section" },
    el("button", { type: "button", onclick: () => edit(memory) }, "Edit"),
    el("button", { type: "button", class: "quiet danger", onclick: () => askToDelete() }, "Delete"),
  );
}

function edit(memory) {
  const title = el("input", { id: "edit-title", name: "title" });
  const content = el("textarea", { id: "edit-content", name: "content", rows: 14, required: true });
  title.value = memory.title ?? "";
  content.value = memory.content;
  const errors = el("ul", { class: "errors", role: "alert", hidden: true });
  const form = el(
    "form",
    { class: "stack" },
    el("div", { class: "field" }, el("label", { for: "edit-title" }, "Title"), title),
    el("div", { class: "field" }, el("label", { for: "edit-content" }, "Text"), content),
    errors,
    el("div", { class: "row" }, el("button", { class: "primary" }, "Save"), el("button", { type: "button", class: "quiet", onclick: () => show(memory) }, "Cancel")),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    save(memory, { title: title.value, content: content.value }, errors);
  });
  page.replaceChildren(memoryHead(memory), form);
  content.focus();
}

async function save(memory, values, errors) {
  const changes = Object.fromEntries(Object.entries(values).filter(([name, value]) => value !== (memory[name] ?? "")));
  try {
    show(Object.keys(changes).length ? await patch(path, changes) : memory);
  } catch (error) {
    const reasons = Object.values(error.fields ?? {}).flat();
    errors.hidden = false;
    errors.replaceChildren(...(reasons.length ? reasons : [error.message]).map((reason) => el("li", {}, reason)));
  }
}

function askToDelete() {
  byId("delete-error").replaceChildren();
  byId("delete").showModal();
}

async function reallyDelete() {
  try {
    await remove(path);
    window.location.assign("/memories/");
  } catch (error) {
    byId("delete-error").replaceChildren(failure(error));
  }
}

byId("delete-yes").addEventListener("click", reallyDelete);
byId("delete-no").addEventListener("click", () => byId("delete").close());
load();
