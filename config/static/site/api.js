// The only place of the client that talks to the server.
const ROOT = "/api/v1/";

/** An answer that is no success. status 0: the server was not reached. */
export class ApiError extends Error {
  constructor(status, detail, fields = {}) {
    super(detail);
    this.name = "ApiError";
    this.status = status;
    this.fields = fields;
  }
}

export const get = (path, query = {}) => ask("GET", ROOT + path + queryString(query));
export const post = (path, body, headers = {}) => ask("POST", ROOT + path, body, headers);
export const patch = (path, body) => ask("PATCH", ROOT + path, body);
export const remove = (path) => ask("DELETE", ROOT + path);

/** The next page of a list. Only the path counts: a proxy may hide our own host. */
export function getPage(link) {
  const address = new URL(link, window.location.href);
  return ask("GET", address.pathname + address.search);
}

export function queryString(query) {
  const given = Object.entries(query).filter(([, value]) => value !== "" && value !== null && value !== undefined);
  return given.length ? `?${new URLSearchParams(given)}` : "";
}

async function ask(method, address, body, headers = {}) {
  if (!isSameLogin()) return leave(() => window.location.reload());
  const response = await send(method, address, body, headers);
  if (!isSameLogin()) return leave(() => window.location.reload());
  if (response.status === 401 || response.status === 403) return goToLogin();
  if (response.status === 204) return null;
  const answer = await readJson(response);
  if (!response.ok) throw refusal(response.status, answer);
  return answer;
}

async function send(method, address, body, extra) {
  const headers = { Accept: "application/json", ...extra };
  if (method !== "GET") headers["X-CSRFToken"] = cookie("csrftoken");
  const isForm = body instanceof FormData; // with a file in it; the browser itself says what it is and where its parts end
  if (body !== undefined && !isForm) headers["Content-Type"] = "application/json";
  const payload = body === undefined || isForm ? body : JSON.stringify(body);
  try {
    return await fetch(address, { method, headers, body: payload, credentials: "same-origin", cache: "no-store" });
  } catch {
    throw new ApiError(0, navigator.onLine ? "The server could not be reached. Is it running, and are you online?" : "You are offline, and this needs the network.");
  }
}

async function readJson(response) {
  try {
    return await response.json();
  } catch {
    const words = response.ok ? "The server gave an answer that cannot be read" : "Something went wrong on the server";
    throw new ApiError(response.status, `${words} (${response.status}).`);
  }
}

function refusal(status, answer) {
  if (answer && typeof answer.detail === "string") return new ApiError(status, answer.detail);
  const fields = {};
  for (const [name, reasons] of Object.entries(answer ?? {})) fields[name] = [reasons].flat().map(String);
  const first = Object.values(fields)[0]?.[0];
  return new ApiError(status, first ?? `The server refused this (${status}).`, fields);
}

function goToLogin() {
  const here = window.location.pathname + window.location.search + window.location.hash;
  return leave(() => window.location.assign(`${document.body?.dataset.login ?? "/accounts/login/"}${queryString({ next: here })}`));
}

function leave(go) {
  go();
  return new Promise(() => {}); // the page is leaving: nobody should act on an answer
}

/** Every login renews the token, also one in another window: a page made for one person never acts for the next. */
export const loginMark = () => cookie("csrftoken");
const OWN_LOGIN = loginMark();
export const isSameLogin = () => loginMark() === OWN_LOGIN;

function cookie(name) {
  const pair = document.cookie.split("; ").find((text) => text.startsWith(`${name}=`));
  return pair ? decodeURIComponent(pair.slice(name.length + 1)) : "";
}
