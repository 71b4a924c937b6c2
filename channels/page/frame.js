// The page inside another site's widget: what the site asked for, and what it is told.

const asked = new URLSearchParams(location.search);

export const embedded = window.parent !== window && asked.has("widget");

let open = !embedded;

// Whether the traveler sees the page: the widget may be closed over it.
export function isOpen() {
  return open;
}

export function onOpen(handle) {
  addEventListener("message", ({ source, data }) => {
    if (!embedded || source !== window.parent || typeof data?.baktuOpen !== "boolean") return;
    open = data.baktuOpen;
    handle();
  });
}

// The site learns a number and a wish, nothing of the conversation.
export function tell({ unread, close }) {
  if (embedded) window.parent.postMessage({ baktu: { unread, close } }, "*");
}

export function colour() {
  return asked.get("color");
}

export function language() {
  const [code, script] = (asked.get("language") ?? "").split("-");
  const scripts = { zh: ["Hans", "Hant"], kk: ["Cyrl", "Arab", "Latn"], ru: ["Cyrl"], en: ["Latn"] }[code];
  return scripts ? { code, script: scripts.includes(script) ? script : scripts[0] } : null;
}
