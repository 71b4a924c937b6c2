// What the officer writes: a reply or a note, kept as a draft until it is sent.

import * as api from "./api.js";
import { current, currentId } from "./conversation.js";
import * as phrases from "./phrases.js";
import { discard, say } from "./outbox.js";
import { draft, keepDraft } from "./store.js";
import { toEnd } from "./timeline.js";
import { sayAloud, word } from "./words.js";

const $ = (id) => document.getElementById(id);
const text = $("text");
const TYPING = 4000; // ms between two signs that the officer is typing
let told = 0;
let saving = false;

export const mode = () => document.querySelector("[name=mode]:checked").value;

const mayReply = () => Boolean(current()?.mine && current().owner === "officer" && !current().closed && !current().gone);
const maySend = () => (mode() === "reply" ? mayReply() : Boolean(current()) && !current().gone && !saving);

// For another conversation: its draft, and a reply rather than a note.
export function open() {
  phrases.close();
  showSaid("");
  told = 0;
  document.querySelector("[name=mode][value=reply]").checked = true;
  load();
}

function load() {
  text.value = currentId() ? draft(currentId(), mode()) : "";
  show();
}

// Shows what may be written now; called whenever the conversation changed.
export function show() {
  const reply = mode() === "reply";
  $("compose").dataset.mode = mode();
  text.placeholder = reply ? word(mayReply() ? "reply_here" : "claim_first") : word("note_here");
  text.setAttribute("aria-label", word(reply ? "reply" : "note"));
  $("send").textContent = word(reply ? "send" : "save_note");
  $("send").disabled = !maySend() || !text.value.trim();
  phrases.refresh();
}

export function write(what) {
  document.querySelector(`[name=mode][value=${what}]`).checked = true;
  load();
  text.focus();
}

export function showSaid(message) {
  $("said").textContent = message;
  $("said").hidden = !message;
  if (message) sayAloud(message);
}

// A reply that the hub refused, back where it can be changed.
export function edit(entry) {
  discard(entry);
  if (mode() !== "reply") write("reply");
  text.value = [text.value, entry.text].filter(Boolean).join("\n");
  keep();
  text.focus();
}

function keep() {
  if (currentId()) keepDraft(currentId(), mode(), text.value);
  show();
}

async function send() {
  const written = text.value.trim();
  if (!written) return;
  if (!maySend()) return showSaid(mode() === "reply" ? word("claim_first") : "");
  showSaid("");
  const id = currentId();
  if (mode() === "reply") {
    text.value = "";
    told = 0;
    keep();
    return say(id, { text: written });
  }
  saving = true;
  show();
  try {
    await api.act(id, "notes", { text: written });
    keepDraft(id, "note", "");
    if (currentId() === id && mode() === "note" && text.value.trim() === written) text.value = "";
    toEnd();
  } catch (error) {
    showSaid(error.final ? error.message : word("failed_action"));
  } finally {
    saving = false;
    show();
  }
}

phrases.onPhrase(() => {
  const { language = "en", script } = current() ?? {};
  const id = currentId();
  return { language, script, send: mayReply() ? (message) => say(id, message) : null };
});

text.addEventListener("input", () => {
  keep();
  if (mode() === "reply") phrases.look();
  if (mayReply() && mode() === "reply" && text.value && Date.now() - told > TYPING) {
    told = Date.now();
    api.act(currentId(), "typing").catch(() => {});
  }
});

text.addEventListener("keydown", (event) => {
  // the Enter that ends a choice of Chinese characters sends nothing
  if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
  if (phrases.key(event)) return event.preventDefault();
  if (event.key !== "Enter" || event.shiftKey) return;
  event.preventDefault();
  send();
});

$("compose").addEventListener("submit", (event) => {
  event.preventDefault();
  send();
});

for (const radio of document.querySelectorAll("[name=mode]")) {
  radio.addEventListener("change", () => {
    phrases.close();
    load();
  });
}
