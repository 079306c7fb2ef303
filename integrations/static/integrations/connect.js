// Giving access: a page of Nango's in another tab, and a wait here until the account has arrived.
import { post } from "../site/api.js";
import { el, failure } from "../site/dom.js";

const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];

/** Whether an address may be opened: encrypted, or on this very machine. */
export function isSafe(link) {
  try {
    const { protocol, hostname } = new URL(link);
    return protocol === "https:" || (protocol === "http:" && LOOPBACK.includes(hostname));
  } catch {
    return false; // it is no address at all
  }
}

/**
 * One attempt to give access, drawn into `place`. `what` is {provider} or {connection}; hasArrived(connections) says whether it worked.
 * changed() is called when the page should look more often, or no longer.
 */
export class Access {
  constructor(place, { what, name, hasArrived, changed }) {
    place.setAttribute("role", "status");
    Object.assign(this, { place, what, name, hasArrived, changed, link: null, until: 0 });
  }

  get isWaiting() {
    return this.link !== null;
  }

  async start() {
    this.say("Asking for a page where you can give access…");
    try {
      const session = await post("integrations/connections/session/", this.what);
      if (!isSafe(session.connect_link)) throw new Error("The address that Nango gave for this is neither encrypted nor on this machine, so it is not opened.");
      this.link = session.connect_link;
      this.until = Date.parse(session.expires_at);
      window.open(this.link, "_blank", "noopener,noreferrer");
      this.drawWait();
      this.changed();
    } catch (error) {
      this.place.replaceChildren(failure(error, () => this.start()));
    }
  }

  /** Look at the connections there are; true when this attempt is over. */
  look(connections) {
    if (this.hasArrived(connections)) this.stop();
    else if (this.isWaiting && Date.now() > this.until) this.expire();
    return !this.isWaiting;
  }

  drawWait() {
    this.say(
      `Waiting until you have given access to ${this.name} in the other tab. `,
      el("a", { href: this.link, target: "_blank", rel: "noopener noreferrer" }, "Open that page"),
      " ",
      el("button", { type: "button", class: "link", onclick: () => this.stop() }, "Stop waiting"),
    );
  }

  expire() {
    this.link = null;
    this.place.replaceChildren(el("p", { class: "notice" }, "The page for giving access has expired. Begin again whenever you like."));
    this.changed();
  }

  stop() {
    this.link = null;
    this.place.replaceChildren();
    this.changed();
  }

  say(...words) {
    this.place.replaceChildren(el("p", { class: "wait" }, words));
  }
}
