// A page beside the desk: who is signed in there, its stream, its language, and how its connection is.

import * as api from "./api.js";
import { onChange, store } from "./store.js";
import { browserLanguage, officerName, sayAloud, speak, word } from "./words.js";

const $ = (id) => document.getElementById(id);
const AGAIN = 60000; // ms after which a page asks anew: much grows old by itself

let page = null;
let officer = null;
let stream = null;

export const isSignedIn = () => Boolean(officer);

// `page` has `load()`, which asks the hub; `show()`, which shows all in the words of now; `empty()`, which
// forgets what the officer saw; `events`, which load anew; and `tell(name, data)` for all that the hub tells.
export async function visit(handles) {
  page = handles;
  await relabel(store.language ?? browserLanguage());
  for (;;) {
    try {
      return signedIn(await api.me());
    } catch (error) {
      if (error.code) return showDoor();
      showStatus(word("board_offline"));
      await new Promise((resolve) => setTimeout(resolve, 3000));
    }
  }
}

function signedIn(own) {
  officer = own;
  $("me").textContent = officerName(own);
  showDoor(false);
  showStatus("");
  stream?.end();
  // what changed while there was no connection is asked for after it stands
  let fresh = false;
  const before = () => void (fresh = true);
  stream = new api.Stream(null, before, (name, data) => {
    if (name === "signed_out") sessionLost();
    else if (name === "refused") showStatus(data.message);
    else page.tell(name, data);
    if (fresh || page.events.includes(name)) load();
    fresh = false;
  });
  load();
}

function showDoor(shown = true) {
  $("door").hidden = !shown;
  for (const inside of document.querySelectorAll("[data-inside]")) inside.hidden = shown;
  if (!shown) return;
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  stream?.end();
  stream = officer = null;
  page.empty();
  page.show();
}

const load = () => officer && page.load();

// A token may be old because this officer signed in again in another tab.
let asking = false;
async function sessionLost() {
  if (asking || !officer) return;
  asking = true;
  try {
    signedIn(await api.me());
  } catch (error) {
    if (error.code) showDoor();
  } finally {
    asking = false;
  }
}

async function relabel(code) {
  try {
    await speak(code);
    store.language = code;
  } catch {
    // the page keeps the words it has
    if (!document.documentElement.lang) return;
  }
  $("language").value = document.documentElement.lang;
  if (officer) $("me").textContent = officerName(officer);
  page.show();
}

export function showStatus(text) {
  if ($("status").textContent === text) return;
  $("status").textContent = text;
  $("status").hidden = !text;
  if (text) sayAloud(text);
}

function wake() {
  stream?.wake();
  load();
}

$("language").addEventListener("change", () => relabel($("language").value));
api.onSignedOut(sessionLost);
onChange((key) => key === "baktu.desk.language" && page && relabel(store.language));
addEventListener("online", wake);
addEventListener("offline", () => showStatus(word("board_offline")));
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && wake());
setInterval(load, AGAIN);
