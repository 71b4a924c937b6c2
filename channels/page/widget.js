// The traveler assistant on another site:
// <script src="https://…/widget.js" data-language="ru" data-position="left" data-color="#0b5c6b" async></script>
// Everything stands in a shadow root with important rules, which the site's own style can't reach.

(() => {
  const script = document.currentScript;
  const { language = "", position = "right", color = "#0b5c6b", label = "中文 · Қазақша · Русский · English" } = script.dataset;
  const address = new URL("/", script.src);
  address.searchParams.set("widget", "1");
  if (language) address.searchParams.set("language", language);
  address.searchParams.set("color", color);

  const STYLE = `
    :host { all: initial !important; display: block !important; position: fixed !important; z-index: 2147483000 !important;
      inset-block-end: 16px !important; ${position === "left" ? "left" : "right"}: 16px !important;
      width: auto !important; height: auto !important; opacity: 1 !important; visibility: visible !important;
      transform: none !important; filter: none !important; pointer-events: auto !important; direction: ltr !important; }
    button { all: initial; position: relative; display: block; width: 60px; height: 60px; border-radius: 30px;
      background: var(--color); cursor: pointer; box-shadow: 0 4px 16px #0005; margin-inline-start: auto; }
    .left button { margin-inline: 0 auto; }
    button:focus-visible { outline: 3px solid #fff; box-shadow: 0 0 0 6px #000; }
    svg { position: absolute; inset: 14px; width: 32px; height: 32px; fill: none; stroke: var(--ink); stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
    b { all: initial; position: absolute; top: -4px; right: -4px; min-width: 24px; box-sizing: border-box; padding: 2px 6px; border-radius: 12px;
      background: #b3261e; color: #fff; font: 700 14px/20px system-ui, sans-serif; text-align: center; }
    b[hidden], iframe[hidden] { display: none; }
    iframe { display: block; border: 0; border-radius: 16px; width: min(400px, calc(100vw - 32px)); height: min(680px, calc(100vh - 110px));
      margin-bottom: 12px; background: #fff; box-shadow: 0 8px 40px #0006; }
    @media (max-width: 480px) {
      .open { position: fixed; inset: 0; }
      .open iframe { width: 100%; height: 100%; border-radius: 0; margin: 0; }
      .open button { display: none; }
    }`;

  const host = document.createElement("baktu-assistant");
  const root = host.attachShadow({ mode: "closed" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  root.adoptedStyleSheets = [sheet];
  root.innerHTML = `<div><iframe hidden allow="microphone; clipboard-write"></iframe>
    <button type="button" aria-expanded="false"><svg viewBox="0 0 24 24" aria-hidden="true"><path d="M4 5h16v11H9l-5 4z"/></svg><b hidden></b></button></div>`;
  const [box, frame, button, badge] = ["div", "iframe", "button", "b"].map((name) => root.querySelector(name));
  box.className = position === "left" ? "left" : "";
  box.style.setProperty("--color", color);
  box.style.setProperty("--ink", isLight(color) ? "#000" : "#fff");
  frame.title = label;
  button.setAttribute("aria-label", label);

  button.addEventListener("click", () => show(frame.hidden));
  addEventListener("message", ({ source, origin, data }) => {
    if (source !== frame.contentWindow || origin !== address.origin || !data?.baktu) return;
    const { unread, close } = data.baktu;
    if (close) show(false);
    if (unread !== undefined) {
      badge.hidden = !unread;
      badge.textContent = unread > 99 ? "99+" : unread;
      button.setAttribute("aria-label", unread ? `${label} (${unread})` : label);
    }
  });
  frame.addEventListener("load", tell);
  root.addEventListener("keydown", ({ key }) => key === "Escape" && show(false));

  // The page is loaded when it is first opened; after that on every page of the site, for its unread badge.
  if (opened()) frame.src = address;
  document.body ? document.body.append(host) : addEventListener("DOMContentLoaded", () => document.body.append(host));

  function show(open) {
    if (open && !frame.src) frame.src = address;
    opened(true);
    frame.hidden = !open;
    box.classList.toggle("open", open);
    button.setAttribute("aria-expanded", String(open));
    tell();
    (open ? frame : button).focus();
  }

  function tell() {
    if (frame.src) frame.contentWindow?.postMessage({ baktuOpen: !frame.hidden }, address.origin);
  }

  // Whether it was ever opened here; without storage the badge comes after the first opening only.
  function opened(now) {
    try {
      if (now) localStorage.setItem("baktu.opened", "1");
      return localStorage.getItem("baktu.opened");
    } catch {
      return null;
    }
  }

  function isLight(hex) {
    const parts = [1, 3, 5].map((at) => (parseInt(hex.slice(at, at + 2), 16) / 255) ** 2.2);
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2] > 0.18;
  }
})();
