// The page: one conversation, its messages as the hub numbers them, own ones at once.

import { Api, Refused } from "./api.js";
import { store } from "./store.js";
import * as view from "./view.js";
import { browserLanguage, speak, word } from "./words.js";

const $ = (id) => document.getElementById(id);
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const LONGEST_WAIT = 10000; // ms between two tries

let api = null;
let opening = null;
let language = browserLanguage();
let seen = 0;
let sending = false;
let health = { assistant: "ok", actions: "ok" };

async function start() {
  await speak(language);
  $("language").value = `${language.code}-${language.script}`;
  $("text").value = store.draft;
  grow();
  showQuestions();
  for (const pending of store.outbox) view.showPending(pending, "waiting");
  showEmpty();
  if (store.conversation) api = new Api(store.conversation);
  if (api) follow();
  else watchStart();
  flush();
}

// Until a conversation's stream tells what is up, the page asks.
async function watchStart() {
  while (!api) {
    try {
      health = await Api.health();
    } catch {
      health = { assistant: "starting", actions: "starting" };
    }
    if (api) return;
    showStatus();
    if (health.assistant === "ok" && health.actions === "ok") return;
    await pause(2000);
  }
}

// The conversation is opened with the first message, so that a glance leaves nothing behind.
// Another tab may have opened it meanwhile: then it is the same.
function open() {
  if (api) return Promise.resolve();
  opening ??= alone("baktu.open", async () => {
    store.conversation ??= await Api.open(language);
    api = new Api(store.conversation);
    follow();
  }).finally(() => (opening = null));
  return opening;
}

// Runs work in one tab at a time, where the browser can tell.
function alone(name, work) {
  return navigator.locks ? navigator.locks.request(name, work) : work();
}

function say(message) {
  const pending = { client_id: crypto.randomUUID?.() ?? randomId(), ...message };
  store.outbox = [...store.outbox, pending];
  view.showPending(pending, "sending");
  showEmpty();
  showStatus();
  flush();
}

// Sends what is in the outbox, oldest first, each until the hub has taken or refused it.
async function flush() {
  if (sending) return;
  sending = true;
  await alone("baktu.send", sendAll);
  sending = false;
}

async function sendAll() {
  let wait = 500;
  while (store.outbox.length) {
    const pending = store.outbox[0];
    try {
      await open();
      await api.send(pending);
      drop(pending);
      wait = 500;
    } catch (error) {
      if (error instanceof Refused && isGone(error)) {
        restart();
      } else if (error instanceof Refused && error.code && error.status < 500 && error.status !== 429) {
        drop(pending);
        view.showPending(pending, "failed", error.message);
        if (!$("text").value && !pending.payload) $("text").value = pending.text;
      } else {
        view.showPending(pending, "waiting");
        await pause(error.retryAfter ? error.retryAfter * 1000 : wait);
        wait = Math.min(2 * wait, LONGEST_WAIT);
      }
    }
  }
}

function drop(pending) {
  store.outbox = store.outbox.filter((other) => other.client_id !== pending.client_id);
}

async function follow() {
  const mine = api;
  let wait = 500;
  while (api === mine) {
    try {
      await mine.listen(seen, (name, data) => {
        wait = 500;
        if (api === mine) EVENTS[name]?.(data);
      });
    } catch (error) {
      if (error instanceof Refused && isGone(error)) return restart();
    }
    await pause(wait);
    wait = Math.min(2 * wait, LONGEST_WAIT);
  }
}

const EVENTS = {
  message(message) {
    if (message.seq <= seen) return;
    seen = message.seq;
    view.showMessage(message, say);
    showEmpty();
    showStatus();
  },
  gone() {
    restart();
  },
  status(state) {
    health = state;
    showStatus();
  },
  working({ working }) {
    $("working").hidden = !working || health.assistant !== "ok" || health.actions !== "ok";
    $("working").textContent = word("working");
  },
  async conversation(state) {
    if (!state.language || (state.language === language.code && state.script === language.script)) return;
    language = { code: state.language, script: state.script };
    await relabel();
  },
};

function isGone(error) {
  // a status without our own code is a proxy's, and says nothing of the conversation
  return ["unknown_conversation", "wrong_token"].includes(error.code);
}

// The conversation is gone: go on in a new one, unsent messages with it.
function restart() {
  if (store.conversation?.id === api?.conversation.id) store.conversation = null;
  api = null;
  seen = 0;
  view.clear();
  for (const pending of store.outbox) view.showPending(pending, "waiting");
  showEmpty();
  if (store.outbox.length) flush();
}

async function relabel() {
  await speak(language);
  $("language").value = `${language.code}-${language.script}`;
  showQuestions();
  showStatus();
}

function showStatus() {
  const worst = [health.assistant, health.actions];
  let text = "";
  if (!navigator.onLine) text = word("offline");
  else if (worst.includes("down")) text = word("down");
  else if (worst.includes("starting")) text = word("starting");
  if ($("status").textContent !== text) $("status").textContent = text;
}

function showEmpty() {
  $("greeting").hidden = !view.isEmpty();
  $("delete").hidden = !api || view.isEmpty();
}

function showQuestions() {
  const buttons = (word("questions") || []).map((question) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = question;
    button.dir = "auto";
    button.addEventListener("click", () => say({ text: question }));
    return button;
  });
  $("questions").replaceChildren(...buttons);
}

function grow() {
  $("text").style.height = "auto";
  $("text").style.height = `${$("text").scrollHeight + 2}px`;
}

function randomId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16)).join("");
}

$("form").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("text").value.trim();
  if (!text) return;
  $("text").value = store.draft = "";
  grow();
  say({ text });
});

$("text").addEventListener("input", () => {
  store.draft = $("text").value;
  grow();
});

$("text").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    $("form").requestSubmit();
  }
});

$("language").addEventListener("change", async () => {
  const [code, script] = $("language").value.split("-");
  language = { code, script };
  await relabel();
  try {
    await open();
    await api.choose(language);
  } catch {
    showStatus();
  }
});

$("delete").addEventListener("click", async () => {
  if (!confirm(word("delete_sure"))) return;
  try {
    await api.remove();
    restart();
  } catch (error) {
    if (error instanceof Refused && isGone(error)) restart();
    else $("status").textContent = word("delete_failed");
  }
});

addEventListener("online", showStatus);
addEventListener("offline", showStatus);

start();
