// The runs of one connection: what each did, and a way back.
import { get, getPage, post } from "../site/api.js";
import { busy, el, failure } from "../site/dom.js";
import { ask, moment } from "./parts.js";
import { isMoving, sayCounts, sayRunKind, sayRunState, sayUndo } from "./words.js";

const PAGE = 10;

export class Runs {
  /** changed(): called after an undo was asked for. */
  constructor(connection, changed) {
    this.path = "integrations/runs/";
    this.query = { connection, limit: PAGE };
    this.changed = changed;
    this.shown = [];
    this.latest = null;
    this.list = el("ul", { class: "plain-list runs" });
    this.foot = el("div");
    this.fold = el("details", { class: "fold" }, el("summary", {}, "All runs"), this.list, this.foot);
    this.fold.addEventListener("toggle", () => this.fold.open && this.load());
  }

  get isMoving() {
    return this.fold.open && this.shown.some(isMoving);
  }

  /** The connection's latest run, as the page has just seen it: an open list is brought up to date. */
  see(latest) {
    this.fold.hidden = !latest;
    const mark = JSON.stringify(latest);
    if (this.fold.open && (mark !== this.latest || this.isMoving)) this.load();
    this.latest = mark;
  }

  async load() {
    if (!this.shown.length) this.foot.replaceChildren(busy("Fetching the runs…"));
    try {
      const page = await get(this.path, this.query);
      this.next = page.next;
      this.draw(page.results);
    } catch (error) {
      this.foot.replaceChildren(failure(error, () => this.load()));
    }
  }

  async more() {
    try {
      const page = await getPage(this.next);
      this.next = page.next;
      this.draw([...this.shown, ...page.results]);
    } catch (error) {
      this.foot.replaceChildren(failure(error, () => this.more()));
    }
  }

  draw(runs) {
    const held = this.list.contains(document.activeElement) ? document.activeElement.dataset.run : null;
    if (JSON.stringify(runs) !== JSON.stringify(this.shown)) {
      this.shown = runs;
      this.list.replaceChildren(...runs.map((run) => this.line(run)));
      if (held) (this.list.querySelector(`[data-run="${held}"]`) ?? this.fold.querySelector("summary")).focus();
    }
    this.foot.replaceChildren(...(this.next ? [el("div", { class: "more" }, el("button", { type: "button", onclick: () => this.more() }, "Earlier runs"))] : []));
  }

  line(run) {
    const state = run.state === "failed" ? "badge badge-failed" : isMoving(run) || run.state === "held" ? "badge badge-busy" : "badge";
    const problem = el("div");
    return el(
      "li",
      { class: "run" },
      el(
        "div",
        { class: "run-head" },
        el("strong", {}, sayRunKind(run)),
        moment(run.started_at ?? run.created_at),
        el("span", { class: state }, sayRunState(run)),
      ),
      el("div", { class: "run-line" }, el("p", {}, sayCounts(run)), run.can_undo && el("button", { type: "button", class: "quiet", "data-run": run.id, onclick: () => this.undo(run, problem) }, "Undo", el("span", { class: "hidden" }, ` ${sayRunKind(run)}, ${sayCounts(run)}`))),
      run.error && el("p", { class: "soft small" }, run.error),
      problem,
    );
  }

  async undo(run, problem) {
    if (!(await askToUndo(run))) return;
    try {
      await post(`integrations/runs/${run.id}/undo/`);
      await this.load();
      this.changed();
    } catch (error) {
      problem.replaceChildren(failure(error));
    }
  }
}

/** Ask once and say what it does; true for yes. */
export async function askToUndo(run) {
  const body = [
    el("ul", {}, sayUndo(run).map((line) => el("li", {}, line))),
    el("p", { class: "soft" }, "What you have changed yourself since then stays as it is. Later runs leave it so, until the original changes."),
  ];
  return (await ask({ title: "Undo this run?", body, answers: [["Leave it", ""], ["Undo the run", "yes", "danger"]] })) === "yes";
}
