// The card of a briefing: links to the checklist or to a group's pages, and the group's QR code.

import { node } from "./nodes.js";

export function draw(element, { links, qr }) {
  dress();
  element.className = "card briefing";
  element.append(...links.map(link));
  if (qr) element.append(picture(qr));
}

// The style comes with the first such card; a policy forbids styles in the page.
function dress() {
  if (document.getElementById("briefing-style")) return;
  const sheet = node("link");
  sheet.id = "briefing-style";
  sheet.rel = "stylesheet";
  sheet.href = "/page/briefing.css";
  document.head.append(sheet);
}

// Opened beside the chat, which stays where it is.
function link({ href, title }) {
  const element = node("a", "", title);
  Object.assign(element, { href, target: "_blank", rel: "noopener" });
  return element;
}

function picture({ src, title }) {
  const figure = node("figure");
  const image = node("img");
  Object.assign(image, { src, alt: "", width: 200, height: 200 });
  figure.append(image, node("figcaption", "", title));
  return figure;
}
