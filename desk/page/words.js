// The desk's words in the officer's language, and how times, languages and officers are written.

let words = {};
let asked = "";

// Fixed offsets: many computers still believe that eastern Kazakhstan is at UTC+6.
const HOUR = 3600000; // ms
const PORT = 8;
const KAZAKHSTAN = 5;

export const LANGUAGES = ["zh", "kk", "ru", "en"];

export function word(name, values = {}) {
  const found = words[name] ?? "";
  return found.replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
}

// One of a family of words (`reason_asked`); a name that we have no word for stands as it is.
export function named(family, name) {
  return words[`${family}_${name}`] ?? String(name ?? "");
}

// The reasons for one way to end a request, as [key, words].
export const reasons = (way) => Object.entries(words.reasons?.[way] ?? {});
export const reason = (key) => ["refuse", "cancel"].flatMap(reasons).find(([each]) => each === key)?.[1] ?? key;

export const topic = (label) => words.topics?.[label] ?? label;
export const place = (key) => words.places?.[key] ?? key ?? word("place_unknown");

// Raises what fetch raises; the page then keeps the words it has.
export async function speak(code) {
  asked = code;
  const answer = await fetch(`/desk/ui/${code}.json`);
  if (!answer.ok) throw new Error(String(answer.status));
  const { page } = await answer.json();
  if (asked !== code) return; // another one was asked for since
  words = page;
  document.documentElement.lang = code;
  for (const element of document.querySelectorAll("[data-word]")) {
    element.textContent = word(element.dataset.word);
  }
  for (const element of document.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", word(element.dataset.label));
  }
}

export function browserLanguage() {
  const spoken = navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase());
  return spoken.find((code) => LANGUAGES.includes(code)) ?? "en";
}

export function tag({ language, script }) {
  return script && (language === "zh" || language === "kk") ? `${language}-${script}` : language ?? "";
}

// "Kazakh, Arabic script": the script is named where a language has more than one.
export function spokenAs({ language, script }) {
  if (!language) return "";
  const name = named("language", language);
  return script && ["zh", "kk"].includes(language) ? `${name}, ${named("script", script)}` : name;
}

// Whether somebody's name or number is another than before.
let colleagues = [];
export function knowColleagues(officers) {
  const names = (all) => JSON.stringify(all.map(({ id, number, name }) => [id, number, name]));
  const changed = names(officers) !== names(colleagues);
  colleagues = officers;
  return changed;
}

// Who reads this page.
let self = null;
export function knowSelf(id) {
  self = id;
}

export const isSelf = (who) => (typeof who === "number" ? who : who?.id) === self;

// Of an officer, or of the id of one.
export function officerName(who) {
  const officer = typeof who === "number" ? colleagues.find(({ id }) => id === who) : who;
  if (!officer) return word("colleague");
  const number = officer.number ? word("officer_label", { number: officer.number }) : "";
  return [number, officer.name].filter(Boolean).join(" ") || word("colleague");
}

export function times(moment) {
  return word("times", { port: clock(moment, PORT), kazakhstan: clock(moment, KAZAKHSTAN) });
}

// The day at the port; browsers know no Kazakh months.
export function day(moment) {
  const port = new Date(Date.parse(moment) + PORT * HOUR);
  return word("day", { day: port.getUTCDate(), month: words.months?.[port.getUTCMonth()] });
}

// "24 November, 20:18 Beijing · 17:18 Kazakhstan"; the day only when it is another than today.
export function moment(at, always = false) {
  const dated = always || day(at) !== day(new Date().toISOString());
  return dated ? word("day_and_times", { day: day(at), times: times(at) }) : times(at);
}

// What a conversation is called by, and found by.
export const numberOf = ({ id }) => word("conversation_number", { number: id.slice(0, 8) });

export function lasting(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const two = (number) => String(number).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return hours ? `${hours}:${rest}` : rest;
}

function clock(moment, hours) {
  return new Date(Date.parse(moment) + hours * HOUR).toISOString().slice(11, 16);
}

// Tells a screen reader; several in a moment are told together.
let telling = [];
export function sayAloud(text) {
  telling.push(text);
  if (telling.length > 1) return;
  setTimeout(() => {
    document.getElementById("speaker").textContent = telling.join("\n");
    telling = [];
  }, 150);
}
