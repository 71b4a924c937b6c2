// The page: one conversation, its messages as the hub numbers them, own ones at once.

import { Api, Refused } from "./api.js";
import * as frame from "./frame.js";
import * as look from "./look.js";
import { button } from "./nodes.js";
import { canDictate, canRead, dictate, onVoices, readAloud } from "./speech.js";
import { onConversation, store } from "./store.js";
import * as view from "./view.js";
import { SOS } from "./view.js";
import { browserLanguage, isSpoken, speak, word } from "./words.js";

const $ = (id) => document.getElementById(id);
const LONGEST_WAIT = 10000; // ms between two tries

let api = null;
let opening = null;
let language = store.choice ?? frame.language() ?? store.language ?? browserLanguage();
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
  choose();
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
  choose();
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
    if (!store.conversation) {
      const opened = await Api.open(language);
      // without locks another tab may have opened one meanwhile
      store.conversation ??= opened;
    }
    join();
  }).finally(() => (opening = null));
  return opening;
}

function join() {
  api = new Api(store.conversation);
  showMenu();
  follow();
}

// Runs work in one tab at a time, where the browser can tell; it may forbid locks with storage.
async function alone(name, work) {
  let begun = false;
  const once = () => {
    begun = true;
    return work();
  };
  try {
    return await (navigator.locks ? navigator.locks.request(name, once) : once());
  } catch (error) {
    if (begun) throw error;
    return work();
  }
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
  try {
    await alone("baktu.send", sendAll);
  } finally {
    sending = false;
  }
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
        if (!drop(pending)) continue;
        view.showPending(pending, "failed", error.message);
        if (!$("text").value && !pending.payload) $("text").value = pending.text;
      } else {
        // the stream may have shown it already, when only the acknowledgement was lost
        if (isWaiting(pending)) view.showPending(pending, "waiting");
        await pause(error.retryAfter ? error.retryAfter * 1000 : wait);
        wait = Math.min(2 * wait, LONGEST_WAIT);
      }
    }
  }
}

function isWaiting(pending) {
  return store.outbox.some((other) => other.client_id === pending.client_id);
}

// Takes a message out of the outbox; whether it was in it.
function drop(pending) {
  const waited = isWaiting(pending);
  if (waited) store.outbox = store.outbox.filter((other) => other.client_id !== pending.client_id);
  return waited;
}

async function follow() {
  const mine = api;
  let wait = 500;
  while (api === mine) {
    try {
      await mine.listen(seen, (name, data) => {
        wait = 500;
        if (api === mine) handled(name, data);
      });
    } catch (error) {
      if (error instanceof Refused && isGone(error)) return restart();
    }
    if (api !== mine) return;
    await pause(wait);
    wait = Math.min(2 * wait, LONGEST_WAIT);
  }
}

// One message that can't be shown must not keep the others away.
function handled(name, data) {
  try {
    EVENTS[name]?.(data);
  } catch (error) {
    console.error(error);
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
    if (message.author === "officer") api.tell("received", { seq: seen });
    if (message.author !== "traveler" && message.seq > store.read) arrived(message);
  },
  typing() {
    const shown = $("owner").dataset.owner;
    $("owner").firstElementChild.textContent = word("officer_typing");
    setTimeout(() => $("owner").dataset.owner === shown && showOwner(shown), 6000);
  },
  translation(data) {
    if (view.translate(data)) sayAloud(data.text);
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
    const why = { emergency: "alarm", danger: "alarm", request: "none" }[state.reason];
    showOwner((state.owner === "queue" && why) || state.owner);
    if (!state.language || store.choice) return;
    if (state.language === language.code && state.script === language.script) return;
    language = { code: state.language, script: state.script };
    await relabel();
  },
};

function showOwner(owner) {
  $("owner").dataset.owner = owner;
  $("owner").hidden = !["queue", "alarm", "officer"].includes(owner);
  $("owner").firstElementChild.textContent = $("owner").hidden ? "" : word(`owner_${owner}`);
  $("call-off").hidden = owner !== "queue";
}

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
  showOwner("assistant");
  if (store.conversation) join();
  else if (store.outbox.length) flush();
}

// ---- what is new, spoken and counted

function arrived(message) {
  sayAloud(`${word(message.author)}: ${message.text}`);
  const spoken = { code: message.language, script: message.script };
  if (store.look.aloud && document.visibilityState === "visible" && canRead(spoken)) readAloud(message.text, spoken, false);
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
  const wanted = language;
  try {
    await speak(wanted);
  } catch {
    // the page keeps the words it has, and asks again soon, or when it wakes
    pause(3000).then(() => isSpoken(language) || relabel());
  }
  // a later choice may have been quicker
  if (wanted !== language) return;
  store.language = language;
  $("language").value = `${language.code}-${language.script}`;
  showQuestions();
  showOwner($("owner").dataset.owner);
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

let typed = 0; // when the officer was told last that something is being typed
$("text").addEventListener("input", () => {
  if ($("owner").dataset.owner === "officer" && Date.now() - typed > 4000) {
    typed = Date.now();
    api.tell("typing");
  }
  store.draft = $("text").value;
  grow();
});

$("text").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    $("form").requestSubmit();
  }
});

$("sos").addEventListener("click", () => {
  say({ text: word("sos"), payload: SOS });
  // without connection this is all that comes
  if (!navigator.onLine) sayAloud(view.firstHelpText());
});

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
  language = store.choice = { code, script };
  await relabel();
  choose();
});

// Tells the hub the language that the traveler chose, now or when the connection is back.
async function choose() {
  const choice = store.choice;
  if (!choice) return;
  try {
    await open();
    await api.choose(choice);
    if (store.choice?.code === choice.code && store.choice.script === choice.script) store.choice = null;
  } catch {
    showStatus();
  }
}

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
  store.outbox = [];
  restart();
});

addEventListener("keydown", ({ key }) => {
  if (key === "Escape" && !document.querySelector("dialog[open]")) frame.tell({ close: true });
});

$("call-off").addEventListener("click", () => {
  // the stream tells what came of it
  api?.callOff().catch(showStatus);
  $("main").focus({ preventScroll: true });
});

$("close").addEventListener("click", () => frame.tell({ close: true }));

frame.onOpen(() => {
  // while hidden it had no height to scroll or grow in
  grow();
  if (unread) view.toTurn();
  else if (!view.lastIsSeen()) view.toEnd();
  markRead();
});
onVoices(showVoices);
onConversation(() => {
  if (store.conversation?.id !== api?.conversation.id) restart();
});
addEventListener("online", wake);
addEventListener("offline", showStatus);
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && wake());

$("send").disabled = $("sos").disabled = false;
start().then(keepForOffline);

// Has the service worker keep the page and its words; the first visit came before it.
async function keepForOffline() {
  try {
    await navigator.serviceWorker.register("/sw.js");
    const { active } = await navigator.serviceWorker.ready;
    const loaded = performance.getEntriesByType("resource").map(({ name }) => name);
    // the beat must go on without connection, whether it was needed before or not
    active.postMessage({ keep: ["/", "/page/metronome.js", ...loaded] });
  } catch {
    // not every browser has one, or gives it to a frame
  }
}
