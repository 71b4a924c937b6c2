// Phrases inserted by typing "/" and a few letters: a list by keyboard, fields, both languages.

import * as api from "./api.js";
import { button, node } from "/page/nodes.js";
import { named, sayAloud, spokenAs, word } from "./words.js";

const $ = (id) => document.getElementById(id);
const panel = $("phrases");
const text = $("text");
const ASKED = /(?:^|\s)(\/[^\n/]{0,40})$/;
const NUMBERS = ["count", "lane", "minutes"];

let all = null;
let found = [];
let active = 0;
let chosen = null;
let context = () => ({ language: "en", script: "Latn", send: null });

// `context()` gives the traveler's language, and send(message), null when the officer may not.
export function onPhrase(handle) {
  context = handle;
}

export const isListed = () => !panel.hidden && !chosen;

export async function look() {
  const query = asked();
  if (query === null) return chosen || close();
  try {
    all ??= (await api.phrases()).phrases ?? all;
  } catch {
    all = null;
  }
  if (asked() !== query) return;
  list(query.slice(1));
}

// What stands before the caret from the slash on, null when there is none.
function asked() {
  return ASKED.exec(text.value.slice(0, text.selectionStart))?.[1] ?? null;
}

export function close() {
  chosen = null;
  found = [];
  panel.hidden = true;
  panel.replaceChildren();
  text.removeAttribute("aria-controls");
  text.removeAttribute("aria-activedescendant");
}

const own = () => document.documentElement.lang;

function list(query) {
  const words = query.toLocaleLowerCase(own()).split(/\s+/).filter(Boolean);
  const rank = (phrase) => {
    const said = `${plain(phrase, own())} ${named("phrase_group", phrase.group)}`.toLocaleLowerCase(own());
    if (!words.every((each) => said.includes(each))) return 0;
    return words.every((each) => said.startsWith(each) || said.includes(` ${each}`)) ? 2 : 1;
  };
  const ranked = (all ?? []).map((phrase) => [rank(phrase), phrase]).filter(([each]) => each);
  found = ranked.sort(([first], [second]) => second - first).map(([, phrase]) => phrase);
  chosen = null;
  active = 0;
  panel.hidden = false;
  if (!found.length) {
    panel.replaceChildren(node("p", "quiet", word("phrases_none")));
  } else {
    const box = node("ul");
    box.id = "phrase-list";
    box.tabIndex = 0; // it scrolls
    box.setAttribute("role", "listbox");
    box.setAttribute("aria-label", word("phrases"));
    box.append(...found.map(option));
    panel.replaceChildren(box);
    text.setAttribute("aria-controls", "phrase-list");
  }
  activate(0);
  sayAloud(found.length ? word("phrases_found", { count: found.length }) : word("phrases_none"));
}

function option(phrase, at) {
  const item = node("li");
  item.id = `phrase-${at}`;
  item.setAttribute("role", "option");
  item.append(node("span", "", plain(phrase, own())), node("span", "quiet", named("phrase_group", phrase.group)));
  // the focus stays in the text
  item.addEventListener("mousedown", (event) => event.preventDefault());
  item.addEventListener("click", () => choose(phrase));
  return item;
}

function activate(at) {
  active = at;
  const options = [...panel.querySelectorAll("[role=option]")];
  options.forEach((each, index) => each.setAttribute("aria-selected", String(index === active)));
  if (!options[active]) return text.removeAttribute("aria-activedescendant");
  text.setAttribute("aria-activedescendant", options[active].id);
  options[active].scrollIntoView({ block: "nearest" });
}

// Keys of the text while the list is open; whether one was used here.
export function key({ key: name }) {
  if (!isListed()) return false;
  const steps = { ArrowDown: 1, ArrowUp: -1 };
  if (name === "Escape") close();
  else if (!found.length) return false;
  else if (name in steps) activate((active + steps[name] + found.length) % found.length);
  else if (name === "Enter" || name === "Tab") choose(found[active]);
  else return false;
  return true;
}

// ---- the phrase that was chosen: its fields, and how it reads

function choose(phrase) {
  chosen = phrase;
  const before = text.value.slice(0, text.selectionStart).replace(ASKED, (whole, slash) => whole.slice(0, -slash.length));
  text.value = before + text.value.slice(text.selectionStart);
  text.setSelectionRange(before.length, before.length);
  text.dispatchEvent(new Event("input", { bubbles: true }));
  text.removeAttribute("aria-controls");
  text.removeAttribute("aria-activedescendant");
  draw(phrase);
}

function draw(phrase) {
  const traveler = context();
  const form = node("form", "phrase");
  const inputs = {};
  const fields = node("div", "fields");
  for (const name of phrase.fields ?? []) {
    const label = node("label", "", named("field", name));
    const input = (inputs[name] = node("input"));
    input.required = true;
    input.autocomplete = "off";
    input.maxLength = 60;
    if (NUMBERS.includes(name)) {
      input.inputMode = "numeric";
      input.pattern = "[0-9]+";
      input.maxLength = 5;
    }
    label.append(input);
    fields.append(label);
  }
  const values = () => Object.fromEntries(Object.entries(inputs).map(([name, { value }]) => [name, value.trim()]));
  const ours = node("p", "preview");
  const theirs = node("p", "preview");
  theirs.lang = traveler.language;
  const show = () => {
    ours.textContent = fill(phrase, own(), values());
    theirs.textContent = fill(phrase, traveler.language, values());
  };
  form.append(fields, node("p", "quiet", word("phrase_own")), ours);
  if (traveler.language !== own()) form.append(node("p", "quiet", word("phrase_theirs", { language: spokenAs(traveler) })), theirs);
  if (traveler.language === "kk" && traveler.script !== "Cyrl") form.append(node("p", "quiet", word("phrase_script")));
  const row = node("div", "row");
  const send = node("button", "main", word("send"));
  send.disabled = !traveler.send;
  row.append(send, button("", word("cancel"), cancel));
  if (send.disabled) row.append(node("span", "quiet", word("claim_first")));
  form.append(row);
  form.setAttribute("aria-label", word("phrase"));
  form.addEventListener("input", show);
  form.addEventListener("keydown", (event) => event.key === "Escape" && (event.stopPropagation(), cancel()));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const { send: now, language, script } = context();
    if (!now) return;
    now({
      phrase: phrase.key,
      values: values(),
      text: fill(phrase, language, values()),
      // what the officer reads is in Cyrillic, whatever the traveler's script
      original: language === own() && (language !== "kk" || script === "Cyrl") ? "" : fill(phrase, own(), values()),
    });
    cancel();
  });
  show();
  panel.hidden = false;
  panel.replaceChildren(form);
  (Object.values(inputs)[0] ?? send).focus();
  sayAloud(ours.textContent);
}

function cancel() {
  close();
  text.focus();
}

// Whether the officer may reply has changed, or the language: what stands open is drawn anew.
export function refresh() {
  const send = panel.querySelector("form .main");
  if (send) send.disabled = !context().send;
}

// The text of a phrase; of plural forms the one that the field's number asks for.
function fill(phrase, language, values) {
  const form = chosenForm(phrase.text[language] ?? "", language, values);
  return form.replace(/\{(\w+)\}/g, (whole, name) => values[name] || `[${named("field", name)}]`);
}

const plain = (phrase, language) => fill(phrase, language, {});

function chosenForm(text, language, values) {
  if (typeof text === "string") return text;
  const number = Number(values[text.by]);
  const rule = Number.isFinite(number) ? new Intl.PluralRules(language).select(number) : "other";
  return text[rule] ?? text.other;
}
