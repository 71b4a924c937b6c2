// The conversation that is open: its history, what was understood, notes, and replies on their way.

import * as api from "./api.js";
import { node } from "/page/nodes.js";
import { author, drawEvent, drawMessage, drawNote, drawPending } from "./messages.js";
import { drop, waitingIn } from "./outbox.js";
import { keepRead } from "./store.js";
import { day, named, officerName, sayAloud, spokenAs, word } from "./words.js";

const $ = (id) => document.getElementById(id);
const line = $("timeline");
const NEAR = 120; // px from the end within which new messages are followed
const UNDERSTOOD = 1500; // ms after an answer, until what was understood is asked for
const TYPING = 6000; // ms that "is typing" stands without a new sign

let state = null;
let hooks = { changed() {}, edit() {}, arrived() {} };
let typing;

// `changed(conversation)`, `edit(entry)` puts a failed reply back, `arrived(message)`.
export function onConversation(handles) {
  hooks = handles;
}

export const current = () => state?.conversation ?? null;
export const currentId = () => state?.id ?? null;

export function open(id) {
  leave();
  state = { id, conversation: null, seen: 0, read: 0, unread: 0, loaded: false, items: new Map() };
  line.replaceChildren(node("p", "quiet", word("loading")));
  showAbout();
  const mine = state;
  state.stream = new api.Stream(id, () => load(mine), (name, data) => state === mine && EVENTS[name]?.(data));
}

export function leave() {
  state?.stream.end();
  state = null;
  line.replaceChildren();
  $("typing").hidden = true;
}

export function wake() {
  state?.stream.wake();
  markRead();
}

// Before each connection all is asked for once: notes have no number to resume from.
async function load(mine) {
  const whole = await api.conversation(mine.id);
  if (state !== mine) return 0;
  const first = !mine.loaded;
  if (first) {
    line.replaceChildren();
    mine.loaded = true;
    mine.read = Math.max(0, ...whole.messages.map(({ seq }) => seq));
  }
  update(whole.conversation);
  const follow = atEnd();
  mine.filling = true;
  whole.messages.forEach(addMessage);
  whole.notes.forEach(addNote);
  (whole.history ?? []).forEach(addEvent);
  mine.filling = false;
  divide();
  if (follow) toEnd();
  if (first) {
    for (const entry of waitingIn(mine.id)) showPending(entry, entry.failed ? "failed" : "waiting", entry.failed);
    toEnd();
    mine.read = 0;
    markRead();
  }
  return mine.seen;
}

// What was understood and notes come with the whole only.
let refreshing;
export function refresh(after = 0) {
  const mine = state;
  clearTimeout(refreshing);
  refreshing = setTimeout(() => state === mine && load(mine).catch(() => {}), after);
}

const EVENTS = {
  message(message) {
    addMessage(message);
    if (message.author === "assistant") refresh(UNDERSTOOD);
  },
  note: addNote,
  conversation: (data) => update(data.conversation ?? data),
  system: addEvent,
  typing: showTyping,
  gone: () => over(word("gone")),
  refused: (error) => over(error.code === "unknown_conversation" ? word("gone") : error.message),
};

function over(text) {
  state.stream.end();
  line.replaceChildren(node("p", "quiet", text));
  sayAloud(text);
  update({ ...state.conversation, id: state.id, gone: true });
}

export function update(conversation) {
  if (!state || conversation.id !== state.id) return;
  state.conversation = { ...state.conversation, ...conversation };
  showAbout();
  hooks.changed(state.conversation);
}

function showAbout() {
  const conversation = state.conversation;
  const about = conversation ? [spokenAs(conversation), named("channel", conversation.channel)] : [word("conversation")];
  if (conversation?.reason && !conversation.closed) about.unshift(named("reason", conversation.reason));
  $("about").textContent = about.filter(Boolean).join(" · ");
  const text = conversation ? ownerText(conversation) : "";
  if ($("owner").textContent === text) return;
  $("owner").textContent = text;
  if (state.loaded) sayAloud(text);
}

function ownerText({ owner, mine, officer, closed }) {
  if (closed) return word("owner_closed");
  if (owner === "officer") return mine ? word("owner_mine") : word("owner_other", { officer: officerName(officer) });
  return word(owner === "queue" ? "owner_queue" : "owner_assistant");
}

// ---- the line of messages, notes and events

// Puts an element where it belongs: messages by number, all else by time, unsent ones last.
function put(key, draw, at, seq = null) {
  const follow = line.scrollHeight - line.scrollTop - line.clientHeight < NEAR;
  const known = state.items.get(key);
  const element = known?.element ?? node("article");
  state.items.set(key, { element, draw, at, seq });
  element.item = { at, seq };
  draw(element);
  // what stands where it belongs stays: replies on their way are in the order of their writing
  if (known?.at === at && known.seq === seq) return void (follow && !state.filling && toEnd());
  const later = ({ item }) => (seq !== null && item.seq !== null ? item.seq > seq : item.at > at);
  let next = line.lastElementChild;
  let before = null;
  while (next && (next === element || !next.item || later(next))) {
    if (next !== element && next.item) before = next;
    next = next.previousElementSibling;
  }
  line.insertBefore(element, before);
  if (state.filling) return;
  divide();
  if (follow) toEnd();
}

// Lines with the date where a day begins.
function divide() {
  let last = "";
  for (const element of [...line.children]) {
    if (!element.item) element.remove();
    else if (Number.isFinite(element.item.at)) {
      const now = day(new Date(element.item.at).toISOString());
      if (now !== last) element.before(node("p", "day", now));
      last = now;
    }
  }
}

function addMessage(message) {
  // the hub marks an officer's ids, so that no traveler's is the same
  const id = message.client_id?.replace(/^o:/, "");
  const own = message.author === "officer" && state.items.get(`p${id}`);
  if (own) {
    own.element.remove();
    state.items.delete(`p${id}`);
  }
  if (message.author === "officer") drop({ client_id: id });
  put(`m${message.seq}`, (element) => drawMessage(element, message), Date.parse(message.created_at), message.seq);
  if (message.seq <= state.seen) return;
  state.seen = message.seq;
  if (message.author === "traveler") showTyping(null);
  if (message.seq <= state.read) return;
  if (own) return void toEnd();
  if (message.author !== "officer") state.unread += 1;
  sayAloud(`${author(message)}: ${message.text}`);
  hooks.arrived(message);
  markRead();
}

function addNote(note) {
  put(`n${note.id}`, (element) => drawNote(element, note), Date.parse(note.created_at));
}

function addEvent(event) {
  const moment = event.created_at ?? event.at;
  const draw = (element) => drawEvent(element, event, moment);
  put(`e${event.id ?? event.seq ?? `${moment}${event.what}`}`, draw, Date.parse(moment));
}

// A reply that has no number yet; state is sending, waiting, sent, failed or gone.
export function showPending(entry, how, note = "") {
  if (!state || entry.conversation !== state.id || !state.loaded) return;
  const key = `p${entry.client_id}`;
  if (how === "gone") {
    state.items.get(key)?.element.remove();
    state.items.delete(key);
    return;
  }
  // the stream may have brought it before the hub's answer to the request came
  if (how === "sent" && !state.items.has(key)) return;
  put(key, (element) => drawPending(element, entry, how, note, hooks.edit), Infinity);
  if (how === "sending") toEnd();
  if (how === "failed") sayAloud(`${word("failed")}. ${note}`);
}

// `{officer}` who types, or the traveler; null when the writing has ended.
function showTyping(data) {
  clearTimeout(typing);
  $("typing").hidden = !data;
  if (!data) return;
  $("typing").textContent = data.officer ? word("typing_officer", { officer: officerName(data.officer) }) : word("typing_traveler");
  typing = setTimeout(() => showTyping(null), TYPING);
}

// Shows again what is written in the officer's language, after that has changed.
export function relabel() {
  if (!state) return;
  showAbout();
  for (const { element, draw } of state.items.values()) draw(element);
  if (state.loaded) divide();
  showUnread();
}

// ---- what is read

export function toEnd() {
  line.scrollTop = line.scrollHeight;
}

const atEnd = () => line.scrollHeight - line.scrollTop - line.clientHeight < 24;

export async function markRead() {
  if (!state?.loaded) return;
  const { id, seen, read } = state;
  if (document.visibilityState === "visible" && line.clientHeight && atEnd()) {
    state.unread = 0;
    if (seen > read) {
      state.read = seen;
      const mine = state;
      keepRead(id, seen);
      // told again with the next message when it did not get through
      await api.act(id, "read", { seq: seen }).catch((error) => error.final || (mine.read = read));
    }
  }
  showUnread();
}

function showUnread() {
  $("newer").hidden = !state?.unread;
  $("newer").textContent = word("newer", { count: state?.unread ?? 0 });
}

line.addEventListener("scroll", () => state?.unread && markRead(), { passive: true });
$("newer").addEventListener("click", () => {
  toEnd();
  markRead();
  line.focus({ preventScroll: true });
});
