// How messages, notes, changes of who speaks and replies on their way look in the line.

import { button, node } from "/page/nodes.js";
import { again, discard } from "./outbox.js";
import { original } from "./store.js";
import { isSelf, named, officerName, tag, times, topic, word } from "./words.js";

// `conversation` tells the traveler's language and the newest message that has arrived there.
export function drawMessage(element, message, conversation) {
  const delivery = message.author === "officer" ? delivered(message, conversation) : "";
  element.className = `message ${message.author}`;
  element.classList.toggle("urgent", message.card?.type === "emergency");
  element.classList.toggle("failed", delivery === "failed");
  const bubble = node("div", "bubble");
  const text = node("span", "", message.hidden ? word("message_hidden") : message.text);
  bubble.lang = tag(message);
  // what we wrote is in a known script; what the traveler wrote tells its own direction
  if (message.author !== "traveler") text.dir = message.script === "Arab" ? "rtl" : "ltr";
  bubble.append(text, ...beneath(message, conversation));
  element.replaceChildren(node("p", "author", author(message)), bubble);
  if (message.author === "traveler" && message.understood) {
    const understood = understanding(message.understood);
    if (understood) element.append(understood);
  }
  const titles = (message.buttons ?? []).map(({ title }) => title).join(" / ");
  if (titles) element.append(node("p", "offered", word("offered", { titles })));
  const why = delivery && message.why && word(`why_${message.why}`);
  // what waits for the traveler is not on its way
  const state = why && delivery === "waiting" ? "held" : delivery;
  element.append(foot(message.created_at, [state && word(`delivery_${state}`), why].filter(Boolean).join(": ")));
}

// Sent, delivered, waiting or failed; on messaging networks the message itself tells.
function delivered({ seq, delivery }, conversation) {
  return delivery ?? (seq <= (conversation?.received ?? 0) ? "delivered" : "sent");
}

// The sentence of a phrase in the officer's language, and what a machine made of the text.
function beneath(message, conversation) {
  const own = message.author === "officer" ? original(message.client_id?.replace(/^o:/, "")) : "";
  if (own) return [small("original", word("phrase_own"), own)];
  return translationsOf(message, conversation).map(([language, text]) =>
    small("machine", word("machine", { language: named("language", language) }), text, language),
  );
}

function small(className, label, text, language = document.documentElement.lang) {
  const element = node("span", className);
  const said = node("span", "", text);
  const about = node("span", "label", label);
  said.lang = language;
  about.lang = document.documentElement.lang;
  element.append(about, said);
  return element;
}

// Of all translations those for who reads here, and of an officer's words also what the traveler gets.
function translationsOf({ author: by, language, translations = {} }, conversation) {
  const all = Object.entries(translations).filter(([code]) => code !== language);
  const own = document.documentElement.lang;
  const fitting = all.filter(([code]) => code === own || (by === "officer" && code === conversation?.language));
  return fitting.length || language === own ? fitting : all;
}

export function author(message) {
  if (message.author !== "officer") return word(message.author);
  return writer(message.officer) || word("officer");
}

// "You", or number and name; of an officer or of the id of one.
const writer = (who) => who && (isSelf(who) ? word("you") : officerName(who));

function understanding({ topic: label, intent, confidence, guesses = [], emergency }) {
  const name = emergency ? named("kind", emergency) : topic(label ?? intent);
  if (!name) return null;
  const box = node("aside", "understood");
  const sure = confidence > 0 && !emergency ? word("sure", { percent: Math.round(confidence * 100) }) : "";
  box.append(node("p", "", emergency ? word("emergency_guide") : word("understood")));
  box.append(node("p", "name", [name, sure].filter(Boolean).join(" · ")));
  const others = guesses.filter((each) => each.name && ![label, intent].includes(each.name) && each.confidence > 0.05);
  if (others.length) {
    box.append(node("p", "", word("guesses", { topics: others.slice(0, 2).map((each) => topic(each.name)).join("; ") })));
  }
  return box;
}

function foot(moment, said = "") {
  const element = node("p", "foot");
  const time = node("time", "", times(moment));
  time.dateTime = moment;
  element.append(time);
  if (said) element.append(node("span", "state", said));
  return element;
}

export function drawNote(element, note) {
  element.className = "message note";
  element.replaceChildren(
    node("p", "author", word("note_label", { officer: writer(note.officer) })),
    node("div", "bubble", note.text),
    foot(note.created_at),
  );
}

// One line for a change and the `message` that tells the traveler of it; `before` had the conversation.
export function drawChange(element, change, before, message = null) {
  element.className = "event";
  element.replaceChildren(node("p", "", [changed(change, before), times(change.created_at)].join(" · ")));
  if (!message) return;
  const told = node("p", "told", message.text);
  told.lang = tag(message);
  element.append(told);
}

const BY_OWNER = { queue: "queued", officer: "officer_joined", assistant: "assistant" };

function changed({ what, owner, officer, reason, closed }, before) {
  const name = what ?? (closed ? "closed" : BY_OWNER[owner]);
  const who = officer ?? before;
  const said = who && isSelf(who) ? named("event_own", name) : word(`event_${name}`, { officer: officerName(who) });
  // that they asked is what the line says already
  return owner === "queue" && reason && reason !== "asked" ? `${said} · ${named("reason", reason)}` : said;
}

// `how` is sending, waiting, sent or failed; `edit(entry)` puts a failed reply back.
export function drawPending(element, entry, how, note, edit) {
  element.className = `message officer ${how}`;
  const said = node("p", "foot");
  said.append(node("span", "state", [word(how), note].filter(Boolean).join(" · ")));
  if (how === "failed") {
    said.append(
      button("link", word("again"), () => again(entry)),
      button("link", word("edit"), () => edit(entry)),
      button("link", word("discard"), () => discard(entry)),
    );
  }
  const bubble = node("div", "bubble");
  bubble.append(node("span", "", entry.text));
  if (entry.original) bubble.append(small("original", word("phrase_own"), entry.original));
  element.replaceChildren(node("p", "author", word("you")), bubble, said);
}
