// To whom conversations are passed on: anyone, those who speak a language, a colleague.

import { node } from "/page/nodes.js";
import { LANGUAGES, named, officerName, word } from "./words.js";

const $ = (id) => document.getElementById(id);
let pass = () => {};

// Calls then({officer} | {language} | {}) when the officer has chosen and pressed `press`.
export function openPass(colleagues, title, press, then) {
  pass = then;
  $("pass-title").textContent = title;
  $("pass-now").textContent = press;
  const label = (each) => `${officerName(each)} · ${named("presence", each.presence)}`;
  const groups = [choice({}, word("pass_anyone"))];
  groups.push(group("pass_languages", LANGUAGES.map((code) => choice({ language: code }, named("language", code)))));
  if (colleagues.length) groups.push(group("pass_officers", colleagues.map((each) => choice({ officer: each.id }, label(each)))));
  $("pass-choices").replaceChildren(...groups);
  $("pass").showModal();
}

function choice(value, text) {
  const label = node("label", "check");
  const input = node("input");
  Object.assign(input, { type: "radio", name: "to", value: JSON.stringify(value), required: true });
  label.append(input, node("span", "", text));
  return label;
}

function group(name, choices) {
  const set = node("fieldset");
  set.append(node("legend", "", word(name)), ...choices);
  return set;
}

$("pass-form").addEventListener("submit", (event) => {
  event.preventDefault();
  $("pass").close();
  pass(JSON.parse(new FormData($("pass-form")).get("to")));
});
