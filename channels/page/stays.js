// The cards on days of stay: a timeline drawn as SVG, and a form with two days to choose.

import { button, node } from "./nodes.js";

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 360; // units of the picture; it scales with its bubble
const TOP = 14;
const HEIGHT = 26;
const CLOSE = 34; // months whose names would stand nearer than this go without

// A card's content; say sends what was chosen, as if it were typed.
export function draw(element, data, say) {
  dress();
  element.className = "card stays";
  element.append(...(data.kind === "stay_timeline" ? timeline(data, element) : [dates(data.words, data, say)]));
}

// The style comes with the first such card; a policy forbids styles in the page.
function dress() {
  if (document.getElementById("stays-style")) return;
  const link = node("link");
  link.id = "stays-style";
  link.rel = "stylesheet";
  link.href = "/page/stays.css";
  document.head.append(link);
}

// Whole days since 1970: ISO days are read as UTC, so no clock change moves them.
const number = (day) => Date.parse(day) / 86400000;

function timeline(data, element) {
  const from = number(data.from);
  const days = number(data.to) - from + 1;
  const rtl = () => getComputedStyle(element).direction === "rtl";
  const picture = shape("svg", { viewBox: `0 0 ${WIDTH} 58`, "aria-hidden": "true" });
  const place = (day, mirrored) => {
    const x = ((number(day) - from) / days) * WIDTH;
    return mirrored ? WIDTH - x : x;
  };
  const paint = () => {
    const mirrored = rtl();
    const bar = (name, first, last) => {
      const width = ((number(last) - number(first) + 1) / days) * WIDTH;
      const x = place(first, mirrored) - (mirrored ? width : 0);
      return shape("rect", { class: name, x, y: TOP, width: Math.max(width, 2), height: HEIGHT });
    };
    const parts = [bar("window", data.from, data.plan.entry)];
    parts.push(...data.stays.map(({ entry, exit }) => bar("stay", entry, exit)));
    parts.push(...planned(data).map(([name, first, last]) => bar(name, first, last)));
    let before = -CLOSE;
    for (const { day, label } of data.months) {
      const x = place(day, mirrored);
      parts.push(shape("line", { class: "month", x1: x, x2: x, y1: TOP, y2: TOP + HEIGHT + 4 }));
      if (Math.abs(x - before) < CLOSE || x < 12 || x > WIDTH - 12) continue;
      parts.push(shape("text", { x, y: 55, "text-anchor": "middle" }, label));
      before = x;
    }
    if (data.last_day) {
      const x = bar("", data.last_day, data.last_day);
      const end = Number(x.getAttribute("x")) + (mirrored ? 0 : Number(x.getAttribute("width")));
      parts.push(shape("path", { class: "last_day", d: `M${end} ${TOP + HEIGHT + 4}V4l${mirrored ? 9 : -9} 4` }));
    }
    picture.replaceChildren(...parts);
  };
  // its direction is known once it stands in the page
  requestAnimationFrame(paint);
  const list = node("ul");
  list.setAttribute("aria-label", data.title);
  list.append(...data.lines.map(({ kind, text }) => node("li", kind, text)));
  return [picture, list];
}

// The plan, cut where what is permitted ends.
function planned({ plan, last_day: lastDay }) {
  if (!lastDay) return [["over", plan.entry, plan.last]];
  if (plan.last <= lastDay) return [["plan", plan.entry, plan.last]];
  const next = new Date((number(lastDay) + 1) * 86400000).toISOString().slice(0, 10);
  return [["plan", plan.entry, lastDay], ["over", next, plan.last]];
}

function dates(words, { min, max }, say) {
  const group = node("fieldset");
  const chosen = ["entry", "exit"].map((name) => {
    const label = node("label", "", words[name]);
    const input = node("input");
    Object.assign(input, { type: "date", min, max });
    label.append(input);
    return [label, input];
  });
  const [[, entry], [, exit]] = chosen;
  const note = node("p", "risky");
  note.setAttribute("role", "alert");
  // the exit's calendar opens where the entry is
  entry.addEventListener("change", () => (exit.min = entry.value || min));
  const add = button("", words.add, () => {
    const missing = [entry, exit].find((input) => !input.value);
    if (missing) return missing.focus();
    if (exit.value < entry.value) {
      note.textContent = words.wrong;
      return exit.focus();
    }
    note.textContent = "";
    say({ text: `${entry.value} – ${exit.value}` });
    entry.value = exit.value = "";
  });
  group.append(node("legend", "", words.dates), ...chosen.map(([label]) => label), add, note);
  return group;
}

function shape(name, attributes, text = "") {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.textContent = text;
  return element;
}
