// The officers' page: who is signed in, the queue, the conversation that is open, and what is done with it.

import * as account from "./account.js";
import * as actions from "./actions.js";
import * as alarm from "./alarm.js";
import * as api from "./api.js";
import * as composer from "./composer.js";
import * as conversation from "./conversation.js";
import { groupOf } from "./entry.js";
import * as keys from "./keys.js";
import * as outbox from "./outbox.js";
import * as queue from "./queue.js";
import * as search from "./search.js";
import * as shift from "./shift.js";
import { keepFor, onChange, store } from "./store.js";
import * as ways from "./ways.js";
import { browserLanguage, knowColleagues, knowSelf, named, sayAloud, speak, word } from "./words.js";

const $ = (id) => document.getElementById(id);
const RENEW = 60000; // ms between two signs that a claimed conversation's officer is here

let officer = null;
let stream = null;
let last = { conversations: [], officers: [], alarms: [] };
let known = null; // what waited and what had been said when the queue came last, to tell what is new

async function start() {
  await relabel(store.language ?? browserLanguage());
  if (location.pathname === "/desk/invitation" && location.hash.length > 1) return account.showDoor();
  const refused = location.hash === "#sign-in-refused";
  if (refused) history.replaceState(null, "", "/desk");
  if (!(await resume())) account.showDoor(refused ? word("oidc_refused") : "");
}

// Goes on with the session that the browser has; whether there is one.
async function resume() {
  for (;;) {
    try {
      signedIn(await api.me());
      return true;
    } catch (error) {
      if (error.code) return false;
      showStatus(word("offline"));
      await new Promise((resolve) => setTimeout(resolve, 3000));
    }
  }
}

function signedIn(own) {
  if (officer && officer.id !== own.id) return location.reload();
  officer = own;
  keepFor(own.id);
  knowSelf(own.id);
  alarm.supervise(own.role !== "officer");
  if (location.pathname !== "/desk") history.replaceState(null, "", "/desk");
  account.enter(own);
  showStatus("");
  stream?.end();
  stream = new api.Stream(null, () => undefined, (name, data) => EVENTS[name]?.(data));
  openNamed();
  outbox.flush();
}

function signedOut() {
  stream?.end();
  stream = known = officer = null;
  conversation.leave();
  alarm.silence();
  search.forget();
  queue.show((last = { conversations: [], officers: [], alarms: [] }));
  if (location.hash) history.replaceState(null, "", "/desk");
}

// A token may be old because this officer signed in again in another tab.
let asking = false;
async function sessionLost() {
  if (asking || !officer) return;
  asking = true;
  try {
    signedIn(await api.me());
  } catch (error) {
    if (!error.code) return;
    stream?.end();
    conversation.leave();
    alarm.silence();
    account.showDoor(word("session_over"));
  } finally {
    asking = false;
  }
}

// ---- the queue and its alarms

const EVENTS = {
  queue(found) {
    last = { alarms: [], ...found };
    // by this computer's clock, whatever it shows
    for (const each of last.conversations) if (each.waited !== null) each.begun = Date.now() - each.waited * 1000;
    if (knowColleagues(last.officers)) conversation.relabel();
    queue.show(last);
    shift.show(last.conversations);
    alarm.show(last.alarms);
    account.heard(last.officers);
    const own = last.conversations.find(({ id }) => id === conversation.currentId());
    if (own && conversation.current()) conversation.update(own);
    tellNew();
    showTitle();
    showBlocked();
  },
  alarm: (found) => alarm.add(found),
  signed_out: sessionLost,
  refused: (error) => showStatus(error.message),
};

// Somebody new waits, or a traveler of one's own has written.
function tellNew() {
  const now = new Map(last.conversations.map((each) => [each.id, each]));
  if (known) {
    for (const [id, each] of now) {
      const before = known.get(id);
      if (each.owner === "queue" && before?.owner !== "queue") {
        alarm.chime();
        sayAloud(`${word("notice_waiting")}: ${each.first_words}`);
        alarm.notice(word("notice_waiting"), [named("reason", each.reason), each.first_words].join(" · "), id);
      } else if (each.mine && before && queue.unread(each) > queue.unread(before) && id !== conversation.currentId()) {
        alarm.chime();
        alarm.notice(word("traveler"), each.last_words, id);
      }
    }
  }
  known = now;
}

function showTitle() {
  const waiting = last.conversations.filter((each) => groupOf(each) === "queue").length;
  document.title = waiting ? `(${waiting}) ${word("title")}` : word("title");
}

function showBlocked() {
  $("sound-blocked").hidden = !alarm.blocked();
}

alarm.onAcknowledge(async (found, andOpen) => {
  await api.acknowledge(found);
  if (andOpen) location.hash = encodeURIComponent(found.conversation_id);
});

// ---- the conversation that the address names

function openNamed() {
  if (!officer) return;
  const id = decodeURIComponent(location.hash.slice(1));
  $("desk").dataset.view = id ? "conversation" : "queue";
  $("none-open").hidden = Boolean(id);
  $("opened").hidden = !id;
  queue.mark(id);
  search.mark(id);
  if (!id) {
    const left = conversation.currentId();
    conversation.leave();
    // back in the list, where it was opened
    if (left && search.isOpen()) search.focus(left);
    else if (left) document.querySelector(`#groups a[data-id="${CSS.escape(left)}"]`)?.focus();
    return;
  }
  if (conversation.currentId() === id) return;
  conversation.open(id);
  composer.open();
  actions.show(null);
  // on a phone the list is gone, and with it what had the focus
  if (matchMedia("(max-width: 899px)").matches) $("about").focus();
}

const go = (id) => id && (location.hash = encodeURIComponent(id));

conversation.onConversation({
  changed(found) {
    actions.show(found);
    composer.show();
  },
  edit: composer.edit,
  arrived(message) {
    if (message.author !== "traveler" || !conversation.current()?.mine) return;
    alarm.chime();
    alarm.notice(word("traveler"), message.text, conversation.currentId());
  },
});
outbox.onOutbox(conversation.showPending);

$("back").addEventListener("click", () => (search.isOpen() ? toSearch() : toQueue()));

// On a phone the list takes the place of the conversation.
function toList() {
  const id = conversation.currentId();
  if (matchMedia("(max-width: 899px)").matches) history.pushState(null, "", "/desk");
  openNamed();
  return id;
}

function toSearch() {
  const id = toList();
  if (id && search.isOpen()) search.focus(id);
  else search.open();
}

function toQueue() {
  $("desk").dataset.list = "queue";
  const id = toList();
  const links = [...$("groups").querySelectorAll("a")];
  (links.find((link) => link.dataset.id === id) ?? links[0] ?? $("queue")).focus();
}

// ---- words, keys, connection

async function relabel(code) {
  try {
    await speak(code);
    store.language = code;
  } catch {
    // the page keeps the words it has
    if (!document.documentElement.lang) return;
  }
  $("language").value = document.documentElement.lang;
  keys.relabel();
  account.show();
  ways.relabel();
  queue.show(last);
  search.relabel();
  shift.relabel();
  alarm.relabel();
  conversation.relabel();
  composer.show();
  showTitle();
}

$("language").addEventListener("change", () => relabel($("language").value));

keys.listen({
  key_help: account.openSettings,
  key_next: () => go((search.isOpen() ? search : queue).beside(1)),
  key_before: () => go((search.isOpen() ? search : queue).beside(-1)),
  key_queue: toQueue,
  key_search: () => {
    toList();
    search.open();
  },
  key_reply: () => conversation.currentId() && composer.write("reply"),
  key_note: () => conversation.currentId() && composer.write("note"),
  key_claim: actions.claim,
  key_pass: actions.passOn,
  key_release: actions.release,
  key_close: actions.close,
});

function showStatus(text) {
  if ($("status").textContent === text) return;
  $("status").textContent = text;
  $("status").hidden = !text;
  if (text) sayAloud(text);
}

function wake() {
  showStatus(navigator.onLine ? "" : word("offline"));
  stream?.wake();
  conversation.wake();
  outbox.wake();
  if (officer) renew();
}

// A sign for every conversation of this officer: the page is here, whichever of them is open.
function renew() {
  for (const { id, mine, owner } of last.conversations) {
    if (mine && owner === "officer") api.act(id, "renew").catch(() => {});
  }
}

for (const dialog of document.querySelectorAll("#pass, #settings")) {
  dialog.addEventListener("click", ({ target }) => {
    if (target === dialog || "close" in target.dataset) dialog.close();
  });
}

account.onAccount({ signedIn, signedOut });
account.onPresence(showStatus);
const colleagues = () => last.officers.filter(({ id }) => id !== officer.id);
actions.onPass(colleagues);
shift.onShift(colleagues);
api.onSignedOut(sessionLost);
onChange((key) => key === "baktu.desk.language" && relabel(store.language));
addEventListener("hashchange", openNamed);
addEventListener("popstate", openNamed);
addEventListener("online", wake);
addEventListener("offline", wake);
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && wake());
for (const touched of ["pointerdown", "keydown"]) {
  addEventListener(touched, () => {
    alarm.unblock();
    setTimeout(showBlocked, 100);
  });
}
setInterval(renew, RENEW);
setInterval(() => {
  queue.tick();
  alarm.tick();
}, 1000);
start();
