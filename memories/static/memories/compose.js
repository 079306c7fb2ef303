// Writing a memory: sent once however often it is tried, then followed until it is in the graph.
import { get, post } from "../site/api.js";
import { byId, el } from "../site/dom.js";
import { entityChips, memoryCard } from "./card.js";

const DRAFT = "life-graph-draft";
const STEPS = { stored: "Stored", extracted: "Read", related: "Linked", enriched: "In the graph" };
const PATIENCE_MS = 120_000;

export function startCompose(form, outcome) {
  restoreDraft(form);
  form.addEventListener("input", () => {
    keepDraft(form);
    delete form.dataset.key;
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit(form, outcome);
  });
  form.querySelector("[type=submit]").disabled = false; // until now the browser itself would have sent the form
}

async function submit(form, outcome) {
  const button = form.querySelector("[type=submit]");
  showErrors(form, {});
  form.dataset.key ??= newKey();
  button.disabled = true;
  try {
    const memory = await post("memories/", valuesOf(form), { "Idempotency-Key": form.dataset.key });
    finish(form);
    follow(memory, outcome);
  } catch (error) {
    showErrors(form, error.fields ?? {}, error.message);
  } finally {
    button.disabled = false;
  }
}

function valuesOf(form) {
  const values = Object.fromEntries(new FormData(form));
  return Object.fromEntries(Object.entries(values).filter(([name, text]) => name === "content" || text.trim() !== ""));
}

function finish(form) {
  form.reset();
  delete form.dataset.key;
  sessionStorage.removeItem(DRAFT);
  form.querySelector("details")?.removeAttribute("open");
}

function showErrors(form, fields, general = "") {
  const unplaced = [];
  for (const field of form.querySelectorAll("[name]")) field.removeAttribute("aria-invalid");
  for (const list of form.querySelectorAll("[data-errors]")) list.replaceChildren();
  for (const [name, reasons] of Object.entries(fields)) {
    const place = form.querySelector(`[data-errors="${CSS.escape(name)}"]`);
    if (!place) unplaced.push(...reasons);
    else showFieldErrors(form.elements.namedItem(name), place, reasons);
  }
  const rest = unplaced.length || Object.keys(fields).length ? unplaced : [general].filter(Boolean);
  form.querySelector("[data-errors='']").replaceChildren(...rest.map(errorLine));
}

function showFieldErrors(field, place, reasons) {
  field.setAttribute("aria-invalid", "true");
  field.closest("details")?.setAttribute("open", "");
  place.replaceChildren(...reasons.map(errorLine));
  field.focus();
}

const errorLine = (reason) => el("li", {}, reason);

function follow(memory, outcome) {
  const list = el("ul", { class: "plain-list" });
  const steps = el("ol", { class: "steps", "aria-label": "How far it has come" });
  const words = el("p", { class: "soft small" });
  outcome.replaceChildren(el("div", { class: "card fresh" }, list, steps, words));
  const drawn = watch(memory, Date.now(), (now, sentence) => {
    list.replaceChildren(memoryCard(now, {}));
    steps.replaceChildren(...stepsOf(now));
    words.replaceChildren(sentence ?? found(now) ?? "");
  });
  const tell = () => outcome.dispatchEvent(new CustomEvent("remembered"));
  tell();
  drawn.then(tell);
}

async function watch(memory, since, draw) {
  let pause = 600;
  let now = memory;
  draw(now);
  while (now.stage !== "enriched" && now.stage !== "failed") {
    if (Date.now() - since > PATIENCE_MS) return draw(now, "It is stored. The rest follows as soon as the worker gets to it.");
    await new Promise((resolve) => setTimeout(resolve, pause));
    pause = Math.min(pause * 1.4, 5000);
    try {
      now = await get(`memories/${now.id}/`);
      draw(now);
    } catch (error) {
      if (error.status === 404) return draw(now, "It was deleted meanwhile.");
    }
  }
  return now;
}

function found(memory) {
  if (memory.stage === "failed") return "It is stored, but the server could not read it. The reason is under Connections.";
  if (memory.entities === null) return null;
  return entityChips(memory.entities) ?? "No names were found in it.";
}

/** A failed memory names the stage that it did not reach. */
function stepsOf(memory) {
  const names = Object.keys(STEPS);
  const failed = names.indexOf(memory.failed_stage);
  const reached = memory.stage === "failed" ? failed - 1 : names.indexOf(memory.stage);
  return names.map((name, index) => {
    const state = index <= reached ? "done" : index === failed ? "failed" : "open";
    return el("li", { class: `step-${state}`, "aria-current": index === reached ? "step" : null }, STEPS[name]);
  });
}

function keepDraft(form) {
  sessionStorage.setItem(DRAFT, JSON.stringify(valuesOf(form)));
}

function restoreDraft(form) {
  const draft = JSON.parse(sessionStorage.getItem(DRAFT) ?? "{}");
  for (const [name, text] of Object.entries(draft)) {
    const field = form.elements.namedItem(name);
    if (field) field.value = text;
  }
}

function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export const composeOn = (formId, outcomeId) => startCompose(byId(formId), byId(outcomeId));
