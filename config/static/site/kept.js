// What this browser keeps of one person: records in IndexedDB and the files of a page. Gone with the person.
// Where a browser keeps nothing (private windows, no room) everything here answers as if nothing had been kept.
import { isSameLogin, loginMark } from "./api.js";

const DATABASE = "life-graph";
const STORE = "records";
const SHELVES = "life-graph ";
const PATIENCE_MS = 1500;
const DAY_MS = 86_400_000;

/** Whose page this is: the person (an id, and when they joined, for an address may serve another installation one day) and the login. A record of anybody else is never read. */
const owner = () => `${document.documentElement.dataset.person} ${loginMark()}`;

export class Kept {
  /** gone(): called when another window, or the browser, takes everything away. It stays away for the life of this page. */
  constructor(gone) {
    this.opening = inTime(openDatabase(gone)).catch(() => null);
    forgetPages((name) => name !== ownShelf()).catch(() => {});
  }

  /** The record of this name, null where there is none; whatever belongs to another person or login is deleted. */
  async read(name) {
    try {
      const records = await this.records();
      for (const [whose, other] of await inTime(settled(records.getAllKeys()))) if (whose !== owner()) records.delete([whose, other]);
      return (await inTime(settled(records.get([owner(), name])))) ?? null;
    } catch {
      return null;
    }
  }

  async write(name, values) {
    try {
      const records = await this.records();
      if (isSameLogin()) await settled(records.put({ ...values, owner: owner(), name }));
    } catch (error) {
      window.console.info("Nothing is kept in this browser:", error);
    }
  }

  async records() {
    const database = await this.opening;
    if (!database) throw new Error("there is no database");
    return database.transaction(STORE, "readwrite").objectStore(STORE);
  }
}

async function openDatabase(gone) {
  const request = window.indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: ["owner", "name"] });
  const database = await settled(request);
  database.onversionchange = () => {
    database.close(); // another window deletes it and must not wait
    gone();
  };
  database.onclose = gone;
  return database;
}

const settled = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

const inTime = (promise) => Promise.race([promise, new Promise((_, reject) => setTimeout(reject, PATIENCE_MS, new Error("no answer in time")))]);

/** Keep a page with its files, for its service worker to show without a network; the files of older builds go. */
export async function keepPage(address, files) {
  const shelf = await caches.open(ownShelf());
  const kept = new Map((await shelf.keys()).map((request) => [request.url, request]));
  const page = new URL(address, window.location.href).href;
  const missing = files.filter((file) => !kept.has(file));
  await shelf.addAll(missing);
  if (missing.length || isOld(await shelf.match(page, { ignoreVary: true }))) await shelf.add(new Request(page, { redirect: "error" }));
  for (const [url, request] of kept) if (url !== page && !files.includes(url)) await shelf.delete(request);
  if (!isSameLogin()) await forgetPages();
}

const isOld = (answer) => !(Date.now() - Date.parse(answer?.headers.get("date")) < DAY_MS);

const ownShelf = () => SHELVES + document.documentElement.dataset.person;

/** The names of caches that hold pages of somebody. */
async function forgetPages(which = () => true) {
  const names = (await window.caches?.keys()) ?? [];
  await Promise.all(names.filter((name) => name.startsWith(SHELVES) && which(name)).map((name) => caches.delete(name)));
}

/** Keep nothing of anybody; what one of these cannot do does not hinder the others. */
export const forget = () => Promise.allSettled([forgetRecords(), forgetPages(), forgetWorkers()]);

async function forgetRecords() {
  await settled(window.indexedDB.deleteDatabase(DATABASE));
}

async function forgetWorkers() {
  const workers = (await navigator.serviceWorker?.getRegistrations()) ?? [];
  await Promise.all(workers.map((worker) => worker.unregister()));
}
