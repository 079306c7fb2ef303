// Bringing in a file: what it would do or did, and for everything that could not be read where it is and why.
import { post } from "../site/api.js";
import { busy, byId, count, el, plural } from "../site/dom.js";

const SHOWN = 100;
const RECORDS = { entity_event: "what you said of a name", connection: "a connection" };

const form = byId("import");
const outcome = byId("import-outcome");
const buttons = [form.querySelector("[type=submit]"), byId("import-look")];

async function send(dryRun) {
  const refused = refusal(form.elements.namedItem("file").files[0]);
  showErrors(refused ? { file: [refused] } : {});
  if (refused) return;
  const body = new FormData(form);
  body.set("dry_run", String(dryRun));
  lock(true);
  outcome.replaceChildren(busy(dryRun ? "Looking…" : "Bringing it in…"));
  try {
    outcome.replaceChildren(reportOf(await post("memories/import/", body)));
  } catch (error) {
    outcome.replaceChildren();
    showErrors(error.fields ?? {}, error.message);
  } finally {
    lock(false);
  }
}

/** Why a file need not be sent: a server that refuses one because of its size hangs up while it is still on its way. */
function refusal(file) {
  if (!file) return "Choose a file first.";
  const most = Number(form.dataset.most);
  return file.size > most * 1024 ** 2 ? `It is larger than ${most} MB. The command import_memories takes files of any size.` : null;
}

function lock(isBusy) {
  for (const button of buttons) button.disabled = isBusy;
}

/** Reasons beside their fields; what has no field, or no place, stands below. */
function showErrors(fields, general = "") {
  const unplaced = [];
  for (const list of form.querySelectorAll("[data-errors]")) list.replaceChildren();
  for (const field of form.querySelectorAll("[name]")) field.removeAttribute("aria-invalid");
  for (const [name, reasons] of Object.entries(fields)) {
    const place = form.querySelector(`[data-errors="${CSS.escape(name)}"]`);
    if (place) {
      place.replaceChildren(...reasons.map((reason) => el("li", {}, reason)));
      form.elements.namedItem(name).setAttribute("aria-invalid", "true");
    } else unplaced.push(...reasons);
  }
  if (!Object.keys(fields).length && general) unplaced.push(general);
  form.querySelector("[data-errors='']").replaceChildren(...unplaced.map((reason) => el("li", {}, reason)));
}

function reportOf(report) {
  const done = report.created + report.updated > 0 && !report.dry_run;
  return el(
    "div",
    { class: `notice${report.skipped ? " notice-bad" : ""}`, id: "import-report" },
    el("p", {}, sentence(report)),
    recordsOf(report),
    skipsOf(report),
    done && el("p", {}, el("a", { href: "/memories/" }, "Show my memories")),
  );
}

function sentence(report) {
  const parts = [`${plural(report.created, "memory", "memories")} new`, `${count(report.updated)} changed`, `${count(report.unchanged)} there already`];
  if (report.erased) parts.push(`${count(report.erased)} deleted before and left so`);
  if (report.skipped) parts.push(`${count(report.skipped)} that could not be read`);
  return `${report.dry_run ? "Nothing was stored. It would bring: " : "Brought in: "}${parts.join(", ")}.`;
}

function recordsOf(report) {
  const kinds = Object.entries(report.records ?? {});
  if (!kinds.length) return null;
  const parts = kinds.map(([kind, { created = 0, unchanged = 0 }]) => `${RECORDS[kind] ?? kind}: ${count(created)} new, ${count(unchanged)} there already`);
  return el("p", { class: "soft small" }, `Besides, ${parts.join("; ")}.`);
}

function skipsOf({ skips, skipped }) {
  if (!skipped) return null;
  const rest = skipped - Math.min(skips.length, SHOWN);
  return el("ul", { class: "skips" }, skips.slice(0, SHOWN).map(({ where, reason }) => el("li", {}, el("strong", {}, where), `: ${reason}`)), rest > 0 && el("li", { class: "soft" }, `and ${count(rest)} more`));
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  send(false);
});
byId("import-look").addEventListener("click", () => send(true));
lock(false); // until now the browser itself would have sent the form
