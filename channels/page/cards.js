// What stands under an answer: source, help, stays.

import { button, node } from "./nodes.js";
import { canRead, readAloud } from "./speech.js";
import { word } from "./words.js";

export function card(data, say) {
  if (data.type === "emergency") return emergency(data);
  if (data.kind === "source") return source(data);
  const at = node("div");
  import(data.type === "briefing" ? "./briefing.js" : "./stays.js").then(({ draw }) => draw(at, data, say));
  return at;
}

// The text without numbers, phrases and links, which the card shows larger.
export function textBeside(text, data) {
  const shown = new Set([data?.calls, data?.phrases, data?.links].flatMap((each) => each ?? []).map((each) => each.line ?? each.text));
  return text.split("\n").filter((line) => !shown.has(line)).join("\n");
}

function source({ title, lines, verified, note }) {
  const element = node("div", "card");
  element.setAttribute("role", "group");
  element.setAttribute("aria-label", title);
  const texts = lines.map(({ name, date }) => `${title}: ${name}, ${date}`);
  element.append(...[...texts, verified, note].filter(Boolean).map((text) => node("p", "", text)));
  return element;
}

function emergency({ calls = [], phrases = [], beat, note }) {
  const element = node("div", "help");
  element.append(...phrases.map(phrase));
  if (calls.length) element.append(callList(calls));
  if (beat) element.append(beatButton(beat));
  if (note) element.append(node("p", "note", note));
  return element;
}

export function callList(calls) {
  const list = node("div", "calls");
  for (const { number, label } of calls) {
    const link = node("a", "call");
    link.href = `tel:${number}`;
    const digits = node("b");
    digits.textContent = number;
    link.append(digits, node("span", "", label));
    list.append(link);
  }
  return list;
}

function phrase({ lang, text }) {
  const element = node("blockquote", "phrase", text);
  element.lang = lang;
  const [code, script] = lang.split("-");
  if (canRead({ code, script })) {
    element.append(button("", word("read_aloud"), () => readAloud(text, { code, script })));
  }
  return element;
}

function beatButton(perMinute) {
  const loaded = import("./metronome.js");
  const beat = button("beat", "", press);
  const show = (on) => {
    beat.setAttribute("aria-pressed", String(on));
    beat.textContent = word(on ? "beat_stop" : "beat_start", { beat: perMinute });
  };
  show(false);
  async function press() {
    const on = beat.getAttribute("aria-pressed") !== "true";
    document.querySelectorAll(".beat[aria-pressed=true]").forEach((other) => other !== beat && other.click());
    show(on);
    const metronome = await loaded;
    if (!on) return metronome.stop();
    metronome.start(perMinute, () => {
      beat.classList.remove("tick");
      void beat.offsetWidth; // starts it anew
      beat.classList.add("tick");
    });
  }
  return beat;
}
