// How messages, notes, events and replies on their way look in the line.

import { button, node } from "/page/nodes.js";
import { again, discard } from "./outbox.js";
import { named, officerName, tag, times, topic, word } from "./words.js";

export function drawMessage(element, message) {
  element.className = `message ${message.author}`;
  element.classList.toggle("urgent", message.card?.type === "emergency");
  const bubble = node("div", "bubble");
  bubble.lang = tag(message);
  // what we wrote is in a known script; what the traveler wrote tells its own direction
  if (message.author !== "traveler") bubble.dir = message.script === "Arab" ? "rtl" : "ltr";
  bubble.append(node("span", "", message.text));
  const original = message.original?.text ?? message.original;
  if (original && original !== message.text) bubble.append(node("span", "original", word("original", { text: original })));
  element.replaceChildren(node("p", "author", author(message)), bubble);
  if (message.author === "traveler" && message.understood) {
    const understood = understanding(message.understood);
    if (understood) element.append(understood);
  }
  const titles = (message.buttons ?? []).map(({ title }) => title).join(" / ");
  if (titles) element.append(node("p", "offered", word("offered", { titles })));
  element.append(foot(message.created_at, message.author === "officer" ? word("sent") : ""));
}

export function author(message) {
  if (message.author !== "officer") return word(message.author);
  return message.officer ? officerName(message.officer) : word("officer");
}

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
    node("p", "author", word("note_label", { officer: officerName(note.officer) })),
    node("div", "bubble", note.text),
    foot(note.created_at),
  );
}

export function drawEvent(element, event, moment) {
  element.className = "event";
  const known = event.text || word(`event_${event.what}`, { officer: officerName(event.officer) }) || event.what;
  element.replaceChildren(node("p", "", `${known} · ${times(moment)}`));
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
  if (entry.original) bubble.append(node("span", "original", entry.original));
  element.replaceChildren(node("p", "author", word("you")), bubble, said);
}
