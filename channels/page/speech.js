// Reading aloud and dictation, where the browser has them.

const LOCALES = { zh: "zh-CN", "zh-Hant": "zh-TW", kk: "kk-KZ", ru: "ru-RU", en: "en-GB" };

const locale = ({ code, script }) => LOCALES[`${code}-${script}`] ?? LOCALES[code];

// A voice that reads this language; voices come late, so ask each time.
function voice(language) {
  const wanted = locale(language);
  const voices = globalThis.speechSynthesis?.getVoices() ?? [];
  const tagged = ({ lang }) => lang.replace("_", "-");
  return (
    voices.find((each) => tagged(each) === wanted) ??
    voices.find((each) => tagged(each).split("-")[0] === wanted.split("-")[0])
  );
}

// Voices read Kazakh and Chinese as they are written most; they know no Latin or Arabic Kazakh.
export function canRead(language) {
  return !(language.code === "kk" && language.script !== "Cyrl") && Boolean(voice(language));
}

// Reads now, or after what is being read (`now` false).
export function readAloud(text, language, now = true) {
  if (now) speechSynthesis.cancel();
  const spoken = new SpeechSynthesisUtterance(text);
  spoken.voice = voice(language);
  spoken.lang = locale(language);
  speechSynthesis.speak(spoken);
}

export function onVoices(handle) {
  globalThis.speechSynthesis?.addEventListener("voiceschanged", handle);
}

const Recognition = globalThis.SpeechRecognition ?? globalThis.webkitSpeechRecognition;

export const canDictate = Boolean(Recognition);

// Listens once; hear(text) gets what was understood so far, end() comes when it is over,
// fail() when the browser may not listen or doesn't know the language.
export function dictate(language, hear, end, fail) {
  const recognition = new Recognition();
  recognition.lang = locale(language);
  recognition.interimResults = true;
  recognition.onresult = ({ results }) => hear([...results].map(([best]) => best.transcript).join(""));
  recognition.onend = end;
  recognition.onerror = ({ error }) => error !== "aborted" && error !== "no-speech" && fail();
  recognition.start();
  return () => recognition.stop();
}
