// What the pages of briefings share: language and steps, look, waiting, and keeping for offline.

import { language as askedFor } from "/page/frame.js";
import { store } from "/page/store.js";
import { browserLanguage, speak } from "/page/words.js";

export const $ = (id) => document.getElementById(id);

// Of /briefing/<code>, /briefing/<code>/leader.
export const code = location.pathname.split("/")[2].toUpperCase();

let chosen = askedFor() ?? store.choice ?? store.language;
let language = null;
let steps = [];
let changed = () => {};

export const spoken = () => language;
export const tagged = () => `${language.code}-${language.script}`;

// Has the page speak, in `otherwise` unless the reader has chosen; calls handle(steps) then and
// whenever another language is chosen.
export async function begin(handle, otherwise = null) {
  const { size = "normal", contrast = false } = store.look;
  document.documentElement.dataset.size = size;
  document.documentElement.dataset.contrast = contrast ? "high" : "";
  changed = handle;
  await say(chosen ?? otherwise ?? browserLanguage());
}

async function say(wanted) {
  language = wanted;
  $("language").value = tagged();
  for (;;) {
    try {
      const told = await speak(wanted, "/briefing/words");
      if (told) steps = told.steps;
      break;
    } catch {
      await pause(3000);
      if (wanted !== language) return;
    }
  }
  if (wanted === language) changed(steps);
}

$("language").addEventListener("change", () => {
  const [code_, script] = $("language").value.split("-");
  chosen = store.language = { code: code_, script };
  say(chosen);
});

// ---- waiting, cut short when the connection or the page comes back

const waiting = new Set();

export function pause(ms) {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      waiting.delete(end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    waiting.add(end);
  });
}

export function wake() {
  for (const end of [...waiting]) end();
}

addEventListener("online", wake);
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && wake());

// ---- what is told

// Tells a screen reader; several in a moment are told together.
let telling = [];
export function sayAloud(text) {
  telling.push(text);
  if (telling.length > 1) return;
  setTimeout(() => {
    $("speaker").textContent = telling.join("\n");
    telling = [];
  }, 150);
}

export function notice(id, text) {
  if ($(id).textContent === text) return;
  $(id).textContent = text;
  $(id).hidden = !text;
  if (text) sayAloud(text);
}

// Only one part of the page is left: that it is over, and why.
export function showOver(text) {
  for (const part of document.querySelectorAll("main > *, footer")) part.hidden = part.id !== "over";
  if ($("over-text").textContent === text) return;
  $("over-text").textContent = text;
  $("over-text").focus();
}

// A name may be in another script than the words around it, which must not move its signs.
export const isolated = (name) => `\u2068${name}\u2069`;

export function randomToken() {
  const bytes = crypto.getRandomValues(new Uint8Array(24));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// A day at the port, as words have it.
export const noon = (day) => `${day}T04:00:00Z`;

// Has the service worker keep the page and its words; the first visit came before it.
export async function keepForOffline() {
  try {
    await navigator.serviceWorker.register("/sw.js");
    const { active } = await navigator.serviceWorker.ready;
    const loaded = performance.getEntriesByType("resource").map(({ name }) => name);
    active.postMessage({ keep: [location.pathname, ...loaded] });
  } catch {
    // not every browser has one
  }
}
