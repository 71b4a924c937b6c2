// Looking for conversations, closed and old ones too: by words, number, language, channel, day, state, reason.

import { node } from "/page/nodes.js";
import * as api from "./api.js";
import { asked as wants, inSearch } from "./entry.js";
import { sayAloud, word } from "./words.js";

const $ = (id) => document.getElementById(id);
const form = $("search-form");
let found = null; // what has been found so far, null before the first search
let query = {};
let more = null; // from where the hub goes on
let current = null;
let asking = 0; // an answer to an earlier question comes too late

export const isOpen = () => $("desk").dataset.list === "search";

export function open() {
  $("desk").dataset.list = "search";
  form.elements.day.max = today();
  $("q").focus();
  $("q").select();
}

function close() {
  $("desk").dataset.list = "queue";
  $("search-open").focus();
}

// Nothing of it stays for the next officer.
export function forget() {
  form.reset();
  clear();
  $("desk").dataset.list = "queue";
}

function clear() {
  asking += 1;
  found = more = null;
  query = {};
  showFilters();
  render();
}

// The result after (1) or before (-1) the open conversation.
export function beside(step) {
  const ids = (found ?? []).map(({ id }) => id);
  const at = ids.indexOf(current);
  if (at < 0) return step > 0 ? ids[0] : ids.at(-1);
  return ids[at + step];
}

export function mark(id) {
  current = id;
  for (const link of $("found").querySelectorAll("a")) marked(link);
}

function marked(link) {
  if (link.dataset.id === current) link.setAttribute("aria-current", "true");
  else link.removeAttribute("aria-current");
}

// Puts the focus on the result that was opened.
export function focus(id) {
  const links = [...$("found").querySelectorAll("a")];
  (links.find((link) => link.dataset.id === id) ?? $("q")).focus();
}

const today = () => new Date(Date.now() + 8 * 3600000).toISOString().slice(0, 10); // at the port

const filled = () => Object.fromEntries([...new FormData(form)].map(([name, text]) => [name, text.trim()]).filter(([, text]) => text));

async function look(before = null) {
  const mine = (asking += 1);
  if (!before) query = filled();
  showFilters();
  if (!Object.keys(query).length) return clear();
  $("search-said").textContent = "";
  try {
    const answer = await api.search(before ? { ...query, before } : query);
    if (mine !== asking) return;
    const at = before ? found.length : 0;
    found = before ? [...found, ...answer.conversations] : answer.conversations;
    more = answer.more;
    render();
    sayAloud(found.length ? word("found", { count: found.length }) : word("found_none"));
    // the button that was pressed may be gone
    if (before) $("found").querySelectorAll("a")[at]?.focus();
  } catch (error) {
    if (mine === asking) $("search-said").textContent = error.code ? error.message : word("failed_action");
  }
}

function showFilters() {
  const { q: _, ...others } = filled();
  const count = Object.keys(others).length;
  $("filters-title").textContent = count ? word("filters_set", { count }) : word("filters");
}

function render() {
  const searched = found !== null;
  $("found-count").textContent = searched ? (found.length ? word("found", { count: found.length }) : word("found_none")) : word("search_hint");
  $("found").replaceChildren(...(found ?? []).map(item));
  $("found-more").hidden = !more;
}

function item(conversation) {
  const link = node("a", wants(conversation) ? conversation.reason : "");
  link.href = `#${encodeURIComponent(conversation.id)}`;
  link.dataset.id = conversation.id;
  marked(link);
  link.append(...inSearch(conversation, query.q ?? ""));
  const element = node("li");
  element.append(link);
  return element;
}

export function relabel() {
  showFilters();
  render();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  look();
});
form.addEventListener("change", ({ target }) => target.matches("select, [type=date]") && look());
form.addEventListener("reset", () => {
  // the fields are empty after this event
  setTimeout(() => {
    clear();
    $("q").focus();
  });
});
$("found-more").addEventListener("click", () => look(more));
$("search-open").addEventListener("click", open);
$("search-close").addEventListener("click", close);
$("search").addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.isComposing) return;
  event.preventDefault();
  close();
});
