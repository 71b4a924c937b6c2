// How a conversation looks in a list, of the queue or of what a search has found.

import { node } from "/page/nodes.js";
import { lasting, moment, named, numberOf, officerName, spokenAs, tag, word } from "./words.js";

export const asked = (conversation) => conversation.reason && !conversation.closed;

export function groupOf({ owner, mine, closed }) {
  if (closed) return "closed";
  if (owner === "officer") return mine ? "mine" : "others";
  return owner === "queue" ? "queue" : "assistant";
}

// As it stands in the queue, with its waiting clock and `count` unread messages.
export function inQueue(conversation, count, now) {
  const first = node("span", "first");
  if (asked(conversation)) first.append(node("b", "reason", named("reason", conversation.reason)));
  if (conversation.owner === "queue" && conversation.begun) {
    const clock = node("span", "clock");
    clock.dataset.since = conversation.begun;
    showClock(clock, now);
    first.append(clock);
  }
  if (count) {
    const badge = node("span", "unread", String(count));
    badge.setAttribute("aria-hidden", "true");
    first.append(badge, node("span", "unseen", word("unread", { count })));
  }
  const all = [first, words(conversation)];
  if (conversation.last_words && conversation.last_words !== conversation.first_words) {
    all.push(excerpt("words last", conversation.last_words, conversation, ""));
  }
  all.push(about([spokenAs(conversation), named("channel", conversation.channel), ...holders(conversation)]));
  return all;
}

// As a search shows it: whose it is, and the words around what was asked for.
export function inSearch(conversation, query) {
  const first = node("span", "first");
  if (asked(conversation)) first.append(node("b", "reason", named("reason", conversation.reason)));
  first.append(node("span", "clock", named("group", groupOf(conversation))));
  const all = [first, words(conversation, query)];
  if (conversation.found && conversation.found !== conversation.first_words) {
    all.push(excerpt("words last", conversation.found, conversation, query));
  }
  all.push(about([spokenAs(conversation), named("channel", conversation.channel), ...holders(conversation)]));
  all.push(about([moment(conversation.last_at, true), numberOf(conversation)]));
  return all;
}

export function showClock(clock, now) {
  const text = word("waits", { time: lasting(now - clock.dataset.since) });
  if (clock.textContent !== text) clock.textContent = text;
}

function words(conversation, query = "") {
  if (!conversation.first_words) return node("span", "words", word("no_words"));
  return excerpt("words", conversation.first_words, conversation, query);
}

function excerpt(className, text, conversation, query) {
  const said = node("span", className);
  said.dir = "auto";
  said.lang = tag(conversation);
  said.append(...marked(text, query));
  return said;
}

const about = (parts) => node("span", "about", parts.filter(Boolean).join(" · "));

function holders(conversation) {
  const { owner, mine, officer, wanted } = conversation;
  const holder = mine ? word("owner_mine") : word("held_by", { officer: officerName(officer) });
  return [owner === "officer" ? holder : "", wanted ? wantedBy(wanted) : ""];
}

// To whom it was passed on: "officer:7" or a language.
function wantedBy(to) {
  const id = /^officer:(\d+)$/.exec(to)?.[1];
  if (!id) return word("wanted_language", { language: named("language", to) });
  return word("wanted_officer", { officer: officerName(Number(id)) });
}

// The text with the words of the query marked in it, where they stand there as they were typed.
function marked(text, query) {
  const sought = query.trim().split(/\s+/).filter(Boolean).map((each) => each.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  if (!sought.length) return [text];
  const found = new RegExp(`(${sought.join("|")})`, "giu");
  return text.split(found).map((part, at) => (at % 2 ? node("mark", "", part) : part));
}
