// The page: one conversation, its messages as the hub numbers them, own ones at once.

import { Api, Refused } from "./api.js";
import * as frame from "./frame.js";
import * as look from "./look.js";
import { button } from "./nodes.js";
import { canDictate, canRead, dictate, onVoices, readAloud } from "./speech.js";
import { onConversation, store } from "./store.js";
import * as view from "./view.js";
import { browserLanguage, speak, word } from "./words.js";

const $ = (id) => document.getElementById(id);
const LONGEST_WAIT = 10000; // ms between two tries
const SOS = '/emergency{"step": "help"}';

let api = null;
let opening = null;
let language = frame.language() ?? store.language ?? browserLanguage();
let seen = 0;
let sending = false;
let health = { assistant: "ok", actions: "ok" };
let unread = 0;
let listening = null;

async function start() {
  look.apply();
  look.colour(frame.colour());
  $("close").hidden = !frame.embedded;
  // what was typed before this script ran is kept
  $("text").value ||= store.draft;
  await relabel();
  grow();
  for (const pending of store.outbox) view.showPending(pending, "waiting");
  showMenu();
  if (store.conversation) join();
  else watchStart();
  flush();
}

// ---- waiting, cut short when the connection or the page comes back

const waiting = new Set();

function pause(ms) {
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

function wake() {
  api?.wake();
  for (const end of [...waiting]) end();
  showStatus();
  markRead();
}

// ---- the conversation

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
    join();
  }).finally(() => (opening = null));
  return opening;
}

function join() {
  api = new Api(store.conversation);
  showMenu();
  follow();
}

// Runs work in one tab at a time, where the browser can tell.
function alone(name, work) {
  return navigator.locks ? navigator.locks.request(name, work) : work();
}

function say(message) {
  const pending = { client_id: crypto.randomUUID?.() ?? randomId(), ...message };
  store.outbox = [...store.outbox, pending];
  view.showPending(pending, "sending");
  showMenu();
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
    if (api !== mine) return;
    await pause(wait);
    wait = Math.min(2 * wait, LONGEST_WAIT);
  }
}

const EVENTS = {
  message(message) {
    if (message.seq <= seen) return;
    seen = message.seq;
    // a message taken while its answer to our request was lost is no longer pending
    if (message.client_id) drop(message);
    view.showMessage(message, say);
    showMenu();
    if (message.author !== "traveler" && message.seq > store.read) arrived(message);
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
    if (!$("working").hidden && view.lastIsSeen()) $("working").scrollIntoView({ block: "nearest" });
  },
  async conversation(state) {
    $("owner").hidden = !["queue", "officer"].includes(state.owner);
    $("owner").dataset.owner = state.owner;
    $("owner").textContent = word(`owner_${state.owner}`);
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
  seen = unread = store.read = 0;
  view.clear();
  for (const pending of store.outbox) view.showPending(pending, "waiting");
  showMenu();
  showUnread();
  $("owner").hidden = true;
  if (store.conversation) join();
  else if (store.outbox.length) flush();
}

// ---- what is new, spoken and counted

function arrived(message) {
  sayAloud(`${word(message.author)}: ${message.text}`);
  const spoken = { code: message.language, script: message.script };
  if (store.look.aloud && document.visibilityState === "visible" && canRead(spoken)) readAloud(message.text, spoken);
  unread += 1;
  markRead();
}

// Tells a screen reader; several in a moment are told together.
let telling = [];
function sayAloud(text) {
  telling.push(text);
  if (telling.length > 1) return;
  setTimeout(() => {
    $("speaker").textContent = telling.join("\n");
    telling = [];
  }, 150);
}

// What is on the screen of an open, visible page is read; the rest is counted.
function markRead() {
  if (document.visibilityState === "visible" && frame.isOpen() && view.lastIsSeen()) {
    unread = 0;
    if (seen > store.read) store.read = seen;
  }
  showUnread();
}

function showUnread() {
  document.title = unread ? `(${unread}) ${word("title")}` : word("title");
  $("newer").hidden = !unread;
  $("newer").textContent = word("newer", { count: unread });
  frame.tell({ unread });
}

// ---- words and states around the conversation

async function relabel() {
  try {
    await speak(language);
  } catch {
    // without connection the page keeps the words it has
  }
  store.language = language;
  $("language").value = `${language.code}-${language.script}`;
  showQuestions();
  view.relabel();
  showStatus();
  showUnread();
  showVoices();
}

function showStatus() {
  const worst = [health.assistant, health.actions];
  let text = "";
  if (!navigator.onLine) text = word("offline");
  else if (worst.includes("down")) text = word("down");
  else if (worst.includes("starting")) text = word("starting");
  if ($("status").textContent !== text) showNotice(text);
}

function showNotice(text) {
  $("status").textContent = text;
  $("status").hidden = !text;
  if (text) sayAloud(text);
}

function showMenu() {
  $("delete").hidden = !api || view.isEmpty();
}

function showVoices() {
  $("aloud-row").hidden = !canRead(language);
  $("dictate").hidden = !canDictate || (language.code === "kk" && language.script !== "Cyrl");
}

function showQuestions() {
  const questions = word("questions") || [];
  $("questions").replaceChildren(...questions.map((text) => button("", text, () => say({ text }))));
}

function grow() {
  $("text").style.height = "auto";
  $("text").style.height = `${$("text").scrollHeight + 2}px`;
}

function randomId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16)).join("");
}

// ---- what the traveler does

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

$("sos").addEventListener("click", () => say({ text: word("sos"), payload: SOS }));

$("dictate").addEventListener("click", () => {
  if (listening) return listening();
  const before = $("text").value;
  const end = () => {
    listening = null;
    $("dictate").setAttribute("aria-pressed", "false");
  };
  $("dictate").setAttribute("aria-pressed", "true");
  const hear = (text) => {
    $("text").value = store.draft = [before, text].filter(Boolean).join(" ");
    grow();
  };
  listening = dictate(language, hear, end, () => showNotice(word("dictate_failed")));
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

$("newer").addEventListener("click", () => {
  view.toEnd();
  markRead();
  $("main").focus({ preventScroll: true });
});

$("main").addEventListener("scroll", () => unread && markRead(), { passive: true });

$("menu-open").addEventListener("click", () => $("menu").showModal());

for (const dialog of document.querySelectorAll("dialog")) {
  dialog.addEventListener("click", ({ target }) => {
    if (target === dialog || "close" in target.dataset) dialog.close();
  });
}

for (const radio of document.querySelectorAll("[name=size]")) {
  radio.addEventListener("change", () => look.change({ size: radio.value }));
}
$("contrast").addEventListener("change", () => look.change({ contrast: $("contrast").checked }));
$("aloud").addEventListener("change", () => look.change({ aloud: $("aloud").checked }));

$("delete").addEventListener("click", () => {
  $("menu").close();
  $("sure-note").textContent = "";
  $("sure").showModal();
});

$("delete-now").addEventListener("click", async () => {
  try {
    await api?.remove();
  } catch (error) {
    if (!(error instanceof Refused && isGone(error))) {
      $("sure-note").textContent = word("delete_failed");
      return;
    }
  }
  $("sure").close();
  restart();
});

$("close").addEventListener("click", () => frame.tell({ close: true }));

frame.onOpen(markRead);
onVoices(showVoices);
onConversation(() => {
  if (store.conversation?.id !== api?.conversation.id) restart();
});
addEventListener("online", wake);
addEventListener("offline", showStatus);
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && wake());

$("send").disabled = $("sos").disabled = false;
start();
navigator.serviceWorker?.register("/sw.js").catch(() => {});
