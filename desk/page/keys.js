// Keyboard shortcuts: what they do, by the place of the key, so that they hold in every layout.

import { node } from "/page/nodes.js";
import { store } from "./store.js";
import { word } from "./words.js";

const $ = (id) => document.getElementById(id);

// [word, key as shown, event.code with Alt]
const KEYS = [
  ["key_next", "J", "KeyJ"],
  ["key_before", "K", "KeyK"],
  ["key_queue", "Q", "KeyQ"],
  ["key_search", "S", "KeyS"],
  ["key_reply", "R", "KeyR"],
  ["key_note", "N", "KeyN"],
  ["key_claim", "T", "KeyT"],
  ["key_pass", "P", "KeyP"],
  ["key_release", "B", "KeyB"],
  ["key_close", "X", "KeyX"],
];

const isText = (element) => element.matches("input:not([type=radio], [type=checkbox]), textarea, select");

// `does` has a function for each of KEYS, by its word, and `key_help`.
export function listen(does) {
  addEventListener("keydown", (event) => {
    if (!store.keys || event.isComposing || event.ctrlKey || event.metaKey) return;
    if (document.querySelector("dialog[open]") || $("desk").hidden) return;
    let name = KEYS.find(([, , code]) => event.altKey && event.code === code)?.[0];
    if (!event.altKey && event.key === "?" && !isText(event.target)) name = "key_help";
    if (!name) return;
    event.preventDefault();
    does[name]();
  });
}

export function relabel() {
  const rows = [
    ...KEYS.map(([name, letter]) => [name, "Alt", letter]),
    ["key_phrase", "/"],
    ["key_enter", word("enter")],
    ["key_newline", "Shift", word("enter")],
    ["key_help", "?"],
  ];
  $("keys").replaceChildren(
    ...rows.flatMap(([name, ...pressed]) => {
      const keys = node("dd");
      pressed.forEach((each, at) => keys.append(...(at ? [" + "] : []), node("kbd", "", each)));
      return [node("dt", "", word(name)), keys];
    }),
  );
}
