// What a person says of an entity themselves: its name, its kind, that two are one or one is two, that it shall not be shown.
import { patch, post } from "../site/api.js";
import { el, failure, plural } from "../site/dom.js";
import { plain } from "./search.js";

const KINDS = ["person", "place", "organisation", "topic"];

/** A fold at the foot of the panel. done(id): the graph is another one, and the entity that stands open is this one now. */
export function ownWords(entity, model, done) {
  const answer = el("div", { role: "status" });
  let isAsking = false; // a second click would say it twice
  const say = async (asked, id) => {
    if (isAsking) return;
    isAsking = true;
    answer.replaceChildren();
    try {
      await done(id(await asked()));
    } catch (error) {
      answer.replaceChildren(failure(error));
    } finally {
      isAsking = false;
    }
  };
  const change = (changes) => say(() => patch(`graph/entities/${entity.id}/`, changes), (told) => told.id);
  const join = (other) => say(() => post(`graph/entities/${entity.id}/merge/`, { other }), (told) => told.id);
  const part = (leaf) => say(() => post(`graph/entities/${entity.id}/split/`, { leaf }), (told) => told.rest.id);
  return el(
    "details",
    { class: "own-words" },
    el("summary", {}, "Correct this"),
    naming(entity, change),
    joining(entity, model, join, answer),
    ...parting(entity, part),
    el("button", { type: "button", onclick: () => change({ hidden: !entity.hidden }) }, entity.hidden ? "Show it in the graph" : "Hide it from the graph"),
    answer,
  );
}

function naming(entity, change) {
  const name = el("input", { id: "own-name", value: entity.name, maxlength: 255, autocomplete: "off" });
  const kind = el("select", { id: "own-kind" }, KINDS.map((one) => el("option", { value: one }, one)));
  kind.value = entity.kind;
  const form = el("form", {}, el("label", { for: "own-name" }, "Name"), name, el("label", { for: "own-kind" }, "Kind"), kind, el("button", {}, "Save"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const said = { ...(name.value.trim() !== entity.name && { name: name.value.trim() }), ...(kind.value !== entity.kind && { kind: kind.value }) };
    if (Object.keys(said).length) change(said);
  });
  return form;
}

function joining(entity, model, join, answer) {
  const others = model.nodes.label
    .map((label, row) => ({ label, id: model.id(row), called: `${label} (${model.nodes.kind[row]})` }))
    .filter((other) => /^\d+$/.test(other.id) && other.id !== String(entity.id)); // in the small graph some have no id yet
  const input = el("input", { id: "own-other", list: "own-others", autocomplete: "off", placeholder: "another name in your graph" });
  const names = el("datalist", { id: "own-others" }, others.slice(0, 500).map((other) => el("option", { value: other.called })));
  const form = el("form", {}, el("label", { for: "own-other" }, "Is the same as"), input, names, el("button", {}, "Join"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const wanted = plain(input.value.trim());
    const meant = others.filter((one) => plain(one.called) === wanted || plain(one.label) === wanted);
    const exact = meant.filter((one) => plain(one.called) === wanted);
    const [other] = exact.length ? exact : meant;
    const sentence = meant.length ? `More than one is called “${input.value.trim()}”: choose from the list.` : `No name in your graph is “${input.value.trim()}”.`;
    if (other && (exact.length || meant.length === 1)) join(Number(other.id));
    else answer.replaceChildren(el("p", { class: "soft" }, sentence));
  });
  return form;
}

function parting(entity, part) {
  if (entity.names.length < 2) return [];
  const line = (name) => el("li", {}, `${name.name}, ${plural(name.memories, "memory", "memories")} `, el("button", { type: "button", class: "link small", onclick: () => part(name.id) }, `${name.name} is another`));
  return [el("p", { class: "soft" }, "It goes by these names:"), el("ul", { class: "own-names" }, entity.names.map(line))];
}
