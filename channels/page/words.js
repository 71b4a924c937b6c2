// The page's words: loaded for one language and script, and put where they belong.

let words = {};
let asked = null;
let spoken = null;

// Whether the words of this language have come.
export function isSpoken(language) {
  return spoken?.code === language.code && spoken.script === language.script;
}

export function word(name, values = {}) {
  const found = words[name] ?? "";
  if (typeof found !== "string") return found;
  return found.replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
}

// Raises what fetch raises; the page then keeps the words it has. Gives what came beside the words.
export async function speak(language, from = "/ui") {
  asked = language;
  const answer = await fetch(`${from}/${language.code}.json?script=${language.script}`);
  if (!answer.ok) throw new Error(String(answer.status));
  const { page, ...more } = await answer.json();
  if (asked !== language) return null; // another one was asked for since
  words = page;
  spoken = language;
  document.documentElement.lang = tag(language);
  document.documentElement.dir = language.script === "Arab" ? "rtl" : "ltr";
  document.title = word("title");
  for (const element of document.querySelectorAll("[data-word]")) {
    element.textContent = word(element.dataset.word);
  }
  for (const element of document.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", word(element.dataset.label));
    if ("placeholder" in element) element.placeholder = word(element.dataset.label);
  }
  return more;
}

export function tag({ code, script }) {
  return code === "zh" || code === "kk" ? `${code}-${script}` : code;
}

export function browserLanguage() {
  for (const wanted of navigator.languages) {
    const [code, ...rest] = wanted.toLowerCase().split("-");
    if (code === "zh") {
      const traditional = rest.some((part) => ["tw", "hk", "mo", "hant"].includes(part));
      return { code, script: traditional ? "Hant" : "Hans" };
    }
    if (code === "kk") {
      const scripts = { cn: "Arab", arab: "Arab", latn: "Latn", cyrl: "Cyrl" };
      return { code, script: scripts[rest.find((part) => part in scripts)] ?? "Cyrl" };
    }
    if (code === "ru") return { code, script: "Cyrl" };
    if (code === "en") return { code, script: "Latn" };
  }
  return { code: "en", script: "Latn" };
}
