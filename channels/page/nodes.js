// Elements made in one line.

export function node(name, className = "", text = "") {
  const element = document.createElement(name);
  if (className) element.className = className;
  if (text) {
    element.textContent = text;
    element.dir = "auto";
  }
  return element;
}

export function button(className, text, press) {
  const element = node("button", className, text);
  element.type = "button";
  element.addEventListener("click", press);
  return element;
}
