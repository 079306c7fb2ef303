// One connected account: how it stands, what it needs, what can be done with it.
import { post, remove } from "../site/api.js";
import { count, el, failure, plural } from "../site/dom.js";
import { Access } from "./connect.js";
import { ask, moment } from "./parts.js";
import { Runs, askToUndo } from "./runs.js";
import { isMoving, measureRun, sayCounts, sayPreview, sayRunState } from "./words.js";

const STATES = {
  new: ["waits for your go-ahead", "badge-busy"],
  active: ["in sync", ""],
  needs_reauth: ["needs access again", "badge-failed"],
  held: ["waits for your decision", "badge-failed"],
  paused: ["paused", ""],
  gone: ["access removed", "badge-failed"],
  leaving: ["being disconnected", "badge-busy"],
};
const SOON_MS = 100_000;

export class Account {
  /** provider: {slug, name, unit, syncing}; changed(): asks the page to look again at once. */
  constructor(provider, connection, changed) {
    this.provider = provider;
    this.path = `integrations/connections/${connection.id}/`;
    this.changed = changed;
    this.mark = "";
    this.heading = el("h3", { tabindex: "-1", id: `account-${connection.id}` });
    this.badge = el("span", { class: "badge" });
    this.front = el("div", { class: "account-front" });
    this.actions = el("div", { class: "row account-actions" });
    this.problem = el("div");
    this.place = el("div");
    this.runs = new Runs(connection.id, changed);
    this.node = el(
      "li",
      { class: "connection card", id: `connection-${connection.id}`, "aria-labelledby": `account-${connection.id}` },
      el("div", { class: "account-head" }, this.heading, this.badge),
      this.front,
      this.problem,
      this.place,
      this.actions,
      this.runs.fold,
    );
  }

  get isBusy() {
    const { state, preview, error, last_run: run } = this.connection;
    const counting = state === "new" && !preview && !error && this.provider.syncing;
    return counting || state === "leaving" || isNear(run) || this.runs.isMoving || Boolean(this.access?.isWaiting);
  }

  /** Show the connection as it is now; what did not change is left as it is, and the focus where it was. */
  see(connection, connections) {
    this.connection = connection;
    this.access?.look(connections);
    this.runs.see(connection.last_run);
    const mark = JSON.stringify(connection);
    if (mark === this.mark) return;
    this.mark = mark;
    const focused = this.node.contains(document.activeElement) ? document.activeElement : null;
    this.draw();
    if (focused && !focused.isConnected) this.refocus(focused.dataset.do);
  }

  refocus(name) {
    (name && this.node.querySelector(`[data-do="${name}"]`))?.focus();
    if (!this.node.contains(document.activeElement)) this.heading.focus();
  }

  draw() {
    const { state, account } = this.connection;
    const [words, kind] = this.standing();
    this.heading.replaceChildren(this.provider.name, " ", el("span", { class: "account-name" }, account));
    this.badge.className = `badge ${kind}`;
    this.badge.textContent = words;
    this.front.replaceChildren(...this.bodyOf(state).flat().filter(Boolean));
    this.actions.replaceChildren(...this.actionsOf(state).filter(Boolean));
    this.actions.hidden = !this.actions.children.length;
  }

  standing() {
    if (this.isWorking) return ["syncing", "badge-busy"];
    const { state, error } = this.connection;
    if (state === "active" && error) return ["last try failed", "badge-failed"];
    return STATES[state] ?? [state, ""];
  }

  get isWorking() {
    return this.connection.state === "active" && isMoving(this.connection.last_run);
  }

  // --- What it says ---

  bodyOf(state) {
    if (state === "new") return this.newBody();
    if (state === "held") return [this.heldBody(), this.facts()];
    if (state === "needs_reauth") return [this.reauthBody(), this.facts()];
    if (state === "gone") return [notice("Nango no longer has the access to this account, so nothing new comes in. Its memories are all here. Connect the account again, or disconnect it for good."), this.facts()];
    if (state === "leaving") return [el("p", { class: "soft" }, "It is being disconnected, and vanishes from this page when that is done. ", this.connection.error)];
    return [this.switchedOff(), this.troubleBody(), this.progressBody(), this.facts()];
  }

  newBody() {
    const { preview, error } = this.connection;
    if (preview) return [el("p", { class: "preview" }, sayPreview(preview)), el("p", { class: "soft" }, preview.items ? "Nothing has been stored yet. Shall all of this become memories?" : "There is nothing to import yet. What arrives later comes in by itself.")];
    if (error) return [notice(`What an import would bring could not be counted: ${error}`), el("p", { class: "soft" }, "Nothing has been stored yet. The import can begin all the same.")];
    return [this.switchedOff() ?? el("p", { class: "wait", role: "status" }, "Counting what an import would bring. Nothing is stored before you say so.")];
  }

  heldBody() {
    const run = this.connection.last_run;
    if (run?.would_delete) {
      return notice(
        el("strong", {}, `The last run ${run.would}.`),
        ` They are no longer at ${this.provider.name}. That is unusually many, so nothing has been deleted: what shall happen?`,
      );
    }
    return notice(el("strong", {}, `The last run ${run?.would || "found something unusual"}.`), " That is unusual, so it has stopped: what shall happen?");
  }

  reauthBody() {
    return notice(
      el("strong", {}, `${this.provider.name} no longer lets this server in.`),
      " That happens after a new password, after a long time, or when access was withdrawn. Give access again and the next run goes on where the last one stopped; nothing is lost.",
      this.connection.error && el("span", { class: "soft small block" }, this.connection.error),
    );
  }

  troubleBody() {
    const { error, state } = this.connection;
    if (!error || state !== "active" || this.isWorking) return null;
    return notice(el("strong", {}, "The last try failed."), ` ${error}`);
  }

  switchedOff() {
    if (this.provider.syncing) return null;
    return el("p", { class: "notice" }, `Syncing ${this.provider.name} is switched off on this server at the moment. It begins by itself when that is over.`);
  }

  progressBody() {
    const { last_run: run, preview } = this.connection;
    if (!this.isWorking) return null;
    if (run.state === "waiting") return el("p", {}, "It waits and goes on ", moment(run.waits_until), run.error && `: ${run.error}`);
    if (run.state === "queued") return el("p", { class: "wait" }, "A run is about to begin.");
    if (run.state === "undoing") return el("p", { class: "wait" }, "The last run is being undone.");
    const { text, value, max } = measureRun(run, preview, this.provider.unit);
    return el("div", { class: "going" }, el("p", { class: "wait" }, text), el("progress", { "aria-label": `Run of ${this.provider.name}`, max, value }));
  }

  facts() {
    const { last_run: run, next_at: next, state, memories } = this.connection;
    const over = run && !isMoving(run) && run.state !== "held";
    const rows = [
      ["Memories", this.memoriesWords(memories)],
      over && ["Last run", [moment(run.ended_at ?? run.created_at), `: ${run.state === "done" ? "" : `${sayRunState(run)}, `}${sayCounts(run)}`]],
      state === "active" && !isMoving(run) && next && ["Next run", moment(next)],
      state === "paused" && ["Next run", "when you resume"],
    ].filter(Boolean);
    return el("dl", { class: "pairs" }, rows.map(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
  }

  memoriesWords(memories) {
    if (!memories) return "none yet";
    return el("a", { href: `/memories/?source=${encodeURIComponent(this.provider.slug)}` }, count(memories));
  }

  // --- What can be done ---

  actionsOf(state) {
    const again = (words) => this.button(words, "reconnect", () => this.giveAccess(), "primary");
    if (state === "new") return this.connection.preview || this.connection.error ? [this.button("Import", "import", () => this.sync(), "primary"), this.notNow()] : [this.notNow()];
    if (state === "held") return this.heldActions();
    if (state === "needs_reauth") return [again("Reconnect"), this.leave()];
    if (state === "gone") return [again("Connect again"), this.leave()];
    if (state === "paused") return [this.button("Resume", "sync", () => this.sync(), "primary"), this.leave()];
    if (state === "active") return [!this.isWorking && this.button("Sync now", "sync", () => this.sync()), this.button("Pause", "pause", () => this.act(() => post(`${this.path}pause/`)), "quiet"), this.leave()];
    return [];
  }

  heldActions() {
    const run = this.connection.last_run;
    const decide = (accept) => () => this.act(() => post(`integrations/runs/${run.id}/decision/`, { accept }));
    if (run?.would_delete) return [this.button("Keep my memories", "keep", decide(false), "primary"), this.button("Delete them here too", "accept", decide(true), "danger"), this.leave()];
    return [
      this.button("Let it go on", "accept", decide(true)),
      this.button("Stop here and keep what came", "keep", decide(false)),
      run?.can_undo && this.button("Undo the run", "undo", () => this.undo(run), "danger"),
      this.leave(),
    ];
  }

  button(words, name, onclick, kind = "") {
    const whose = el("span", { class: "hidden" }, ` ${this.provider.name} ${this.connection.account}`);
    return el("button", { type: "button", class: kind, "data-do": name, onclick }, words, whose);
  }

  notNow() {
    return this.button("Not now", "leave", () => this.act(() => remove(`${this.path}?memories=keep`)), "quiet");
  }

  leave() {
    return this.button("Disconnect…", "leave", () => this.askToLeave(), "quiet danger");
  }

  sync() {
    return this.act(() => post(`${this.path}sync/`));
  }

  async undo(run) {
    if (await askToUndo(run)) this.act(() => post(`integrations/runs/${run.id}/undo/`));
  }

  /** Do something, then look again; a refusal is said here. */
  async act(work) {
    const name = this.node.contains(document.activeElement) ? document.activeElement.dataset.do : null;
    for (const button of this.actions.querySelectorAll("button")) button.disabled = true;
    try {
      await work();
      this.problem.replaceChildren();
    } catch (error) {
      this.problem.replaceChildren(failure(error));
    }
    this.mark = ""; // also where nothing changed the buttons come back
    await this.changed();
    if (name && this.node.isConnected) this.refocus(name);
  }

  giveAccess() {
    const { id, state } = this.connection;
    const hasArrived = (now) => now.some((one) => one.id === id && one.state !== state);
    this.access?.stop();
    this.access = new Access(this.place, { what: { connection: id }, name: this.provider.name, hasArrived, changed: this.changed });
    this.access.start();
  }

  async askToLeave() {
    const { memories, account } = this.connection;
    const erase = el("input", { type: "radio", name: "memories", value: "erase" });
    const keep = el("input", { type: "radio", name: "memories", value: "keep", checked: true });
    const many = plural(memories, "memory", "memories");
    const choice = el(
      "fieldset",
      { class: "choice" },
      el("legend", {}, `What shall become of its ${many}?`),
      el("label", {}, keep, " Keep ", memories === 1 ? "it" : "them"),
      el("label", {}, erase, ` Erase ${memories === 1 ? "it" : "them"}: the text leaves every table and the graph, and comes anew only if you connect the account again`),
    );
    const body = [el("p", {}, "Nothing new comes in any more, and the access is given back."), memories > 0 && choice].filter(Boolean);
    const answers = [["Stay connected", ""], ["Disconnect", "leave", "danger"]];
    const watch = (dialog) => choice.addEventListener("change", () => sayAnswer(dialog, erase.checked, many));
    const answer = await ask({ title: `Disconnect ${`${this.provider.name} ${account}`.trim()}?`, body, answers, watch });
    if (answer) await this.act(() => remove(`${this.path}?memories=${erase.checked ? "erase" : "keep"}`));
  }
}

function sayAnswer(dialog, erase, many) {
  dialog.querySelector("[data-answer=leave]").textContent = erase ? `Disconnect and erase ${many}` : "Disconnect";
}

const notice = (...words) => el("p", { class: "notice notice-bad" }, words);

/** Whether a run may show something new within seconds. */
function isNear(run) {
  if (!isMoving(run)) return false;
  return run.state !== "waiting" || new Date(run.waits_until) - Date.now() < SOON_MS;
}
