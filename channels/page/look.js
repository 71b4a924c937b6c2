// How the page looks to this traveler: text size, contrast, and the colour of the site around it.

import { store } from "./store.js";

const root = document.documentElement;
const COLOUR = /^#[0-9a-f]{6}$/i;

export function apply() {
  const { size = "normal", contrast = false } = store.look;
  root.dataset.size = size;
  root.dataset.contrast = contrast ? "high" : "";
  for (const radio of document.querySelectorAll("[name=size]")) radio.checked = radio.value === size;
  document.getElementById("contrast").checked = contrast;
  document.getElementById("aloud").checked = Boolean(store.look.aloud);
}

export function change(part) {
  store.look = { ...store.look, ...part };
  apply();
}

// The colour that the embedding site asks for, with ink on it that can be read.
export function colour(value) {
  if (!COLOUR.test(value ?? "")) return;
  root.style.setProperty("--accent-ground", value);
  root.style.setProperty("--accent-ink", luminance(value) > 0.18 ? "#000000" : "#ffffff");
}

// Relative luminance of WCAG 2.2, 0 (black) to 1 (white).
function luminance(hex) {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const share = parseInt(hex.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
