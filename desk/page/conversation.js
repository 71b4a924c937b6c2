// The conversation that is open: its messages, what was understood, notes, who spoke, replies on their way.

import * as api from "./api.js";
import { author, drawChange, drawMessage, drawNote, drawPending } from "./messages.js";
import { drop, waitingIn } from "./outbox.js";
import { keepRead } from "./store.js";
import { fill, clear, has, isSeen, atEnd, put, redraw, redrawAll, remove, toEnd } from "./timeline.js";
import { named, numberOf, officerName, sayAloud, spokenAs, word } from "./words.js";

const $ = (id) => document.getElementById(id);
const TYPING = 6000; // ms that "is typing" stands without a new sign
const TOLD = 100; // ms within which a change of who speaks follows the message that tells of it

let state = null;
let hooks = { changed() {}, edit() {}, arrived() {} };
let typing; // the timer that ends it
let typist = null;

// `changed(conversation)`, `edit(entry)` puts a failed reply back, `arrived(message)`.
export function onConversation(handles) {
  hooks = handles;
}

export const current = () => state?.conversation ?? null;
export const currentId = () => state?.id ?? null;

export function open(id) {
  leave();
  state = { id, conversation: null, seen: 0, read: 0, unread: 0, loaded: false };
  state.messages = new Map(); // by number
  state.changes = new Map(); // of who speaks, by id
  state.told = new Map(); // the same, by the number of the message that tells the traveler
  clear(word("loading"));
  showAbout();
  const mine = state;
  state.stream = new api.Stream(id, () => load(mine), (name, data) => state === mine && EVENTS[name]?.(data));
}

export function leave() {
  state?.stream.end();
  state = null;
  clear();
  $("typing").hidden = true;
}

export function wake() {
  state?.stream.wake();
  markRead();
}

// Before each connection all is asked for once: a stream resumes by the number of a message only.
async function load(mine) {
  const whole = await api.conversation(mine.id);
  if (state !== mine) return 0;
  const first = !mine.loaded;
  if (first) {
    clear();
    mine.loaded = true;
    mine.read = Math.max(0, ...whole.messages.map(({ seq }) => seq));
  }
  update(whole.conversation);
  fill(() => {
    whole.messages.forEach(addMessage);
    whole.notes.forEach(addNote);
    whole.history.forEach(addChange);
  });
  if (first) {
    for (const entry of waitingIn(mine.id)) showPending(entry, entry.failed ? "failed" : "waiting", entry.failed);
    toEnd();
    mine.read = 0;
    markRead();
  }
  return mine.seen;
}

const EVENTS = {
  message: addMessage,
  note: addNote,
  conversation: update,
  system: addChange,
  understood: ({ seq, understood }) => amend(seq, { understood }),
  translation: ({ seq, language, text }) => amend(seq, { translations: { [language]: text } }),
  delivery: ({ seq, delivery, why }) => amend(seq, { delivery, why }),
  typing: showTyping,
  gone: () => over(word("gone")),
  refused: (error) => over(error.code === "unknown_conversation" ? word("gone") : error.message),
};

function over(text) {
  state.stream.end();
  clear(text);
  sayAloud(text);
  update({ ...state.conversation, id: state.id, gone: true });
}

export function update(conversation) {
  if (!state || conversation.id !== state.id) return;
  const before = state.conversation?.received ?? 0;
  const received = Math.max(before, conversation.received ?? 0);
  state.conversation = { ...state.conversation, ...conversation, received };
  for (const [seq, { author: by }] of state.messages) {
    if (by === "officer" && seq > before && seq <= received) redraw(`m${seq}`);
  }
  showAbout();
  hooks.changed(state.conversation);
}

function showAbout() {
  const conversation = state.conversation;
  const about = conversation ? [spokenAs(conversation), named("channel", conversation.channel)] : [word("conversation")];
  if (conversation?.reason && !conversation.closed) about.unshift(named("reason", conversation.reason));
  $("about").textContent = about.filter(Boolean).join(" · ");
  $("number").textContent = conversation ? numberOf(conversation) : "";
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

// ---- what stands in the line

function addMessage(message) {
  // the hub marks an officer's ids, so that no traveler's is the same
  const id = message.client_id?.replace(/^o:/, "");
  const own = message.author === "officer" && remove(`p${id}`);
  if (message.author === "officer") drop({ client_id: id });
  amend(message.seq, message);
  if (message.seq <= state.seen) return;
  state.seen = message.seq;
  if (wrote(message)) showTyping(null);
  if (message.seq <= state.read) return;
  if (own) return void toEnd();
  if (message.author !== "officer") state.unread += 1;
  tell(message);
  hooks.arrived(message);
  markRead();
}

// What becomes known of a message later is added to what is known.
function amend(seq, part) {
  const known = state.messages.get(seq);
  if (!known && !part.author) return;
  state.messages.set(seq, {
    ...known,
    ...part,
    understood: part.understood ?? known?.understood,
    translations: { ...known?.translations, ...part.translations },
  });
  putMessage(seq);
}

function putMessage(seq) {
  const draw = (element) => {
    const message = state.messages.get(seq);
    const change = state.told.get(seq);
    if (change) drawChange(element, change, holderBefore(change), message);
    else drawMessage(element, message, state.conversation);
  };
  put(`m${seq}`, draw, Date.parse(state.messages.get(seq).created_at), seq);
}

// Who speaks is told beside the conversation's name, in the officer's language.
function tell(message) {
  const mine = state;
  if (message.author !== "system") return sayAloud(`${author(message)}: ${message.text}`);
  setTimeout(() => state === mine && !mine.told.has(message.seq) && sayAloud(`${author(message)}: ${message.text}`), TOLD);
}

function addChange(change) {
  state.changes.set(change.id, change);
  if (change.what && state.messages.has(change.seq)) {
    state.told.set(change.seq, change);
    return putMessage(change.seq);
  }
  put(`c${change.id}`, (element) => drawChange(element, change, holderBefore(change)), Date.parse(change.created_at));
}

// The officer who had the conversation until a change.
function holderBefore({ id }) {
  const earlier = [...state.changes.values()].filter((each) => each.id < id);
  return earlier.sort((one, other) => other.id - one.id)[0]?.officer ?? null;
}

function addNote(note) {
  put(`n${note.id}`, (element) => drawNote(element, note), Date.parse(note.created_at));
}

// A reply that has no number yet; how is sending, waiting, sent, failed or gone.
export function showPending(entry, how, note = "") {
  if (!state || entry.conversation !== state.id || !state.loaded) return;
  const key = `p${entry.client_id}`;
  if (how === "gone") return void remove(key);
  // the stream may have brought it before the hub's answer to the request came
  if (how === "sent" && !has(key)) return;
  put(key, (element) => drawPending(element, entry, how, note, hooks.edit), Infinity);
  if (how === "sending") toEnd();
  if (how === "failed") sayAloud(`${word("failed")}. ${note}`);
}

// `{officer}` who types, or the traveler; null when the writing has ended.
function showTyping(data) {
  clearTimeout(typing);
  const follow = atEnd();
  typist = data;
  $("typing").hidden = !data;
  if (data) {
    $("typing").textContent = data.author === "traveler" ? word("typing_traveler") : word("typing_officer", { officer: officerName(data.officer) });
    typing = setTimeout(() => showTyping(null), TYPING);
  }
  if (follow) toEnd();
}

// Whether a message is of who was typing.
function wrote({ author: by, officer }) {
  if (!typist || by !== (typist.author ?? "officer")) return false;
  return by === "traveler" || officer?.id === typist.officer?.id;
}

// Shows again what is written in the officer's language, after that has changed.
export function relabel() {
  if (!state) return;
  showAbout();
  if (state.loaded) redrawAll();
  showUnread();
}

// ---- what is read

export async function markRead() {
  if (!state?.loaded) return;
  const { id, seen, read } = state;
  if (isSeen()) {
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

$("timeline").addEventListener("scroll", () => state?.unread && markRead(), { passive: true });
$("newer").addEventListener("click", () => {
  toEnd();
  markRead();
  $("timeline").focus({ preventScroll: true });
});
