// The choice of how a conversation is downloaded.

const menu = document.getElementById("transcript");

export function show(found) {
  menu.hidden = !found || Boolean(found.gone);
  if (menu.hidden) menu.open = false;
  if (!found) return;
  for (const link of menu.querySelectorAll("a")) {
    link.href = `/desk/api/conversations/${encodeURIComponent(found.id)}/transcript?format=${link.dataset.format}`;
  }
}

menu.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !menu.open) return;
  event.stopPropagation();
  menu.open = false;
  menu.querySelector("summary").focus();
});
menu.addEventListener("click", ({ target }) => target.matches("a") && (menu.open = false));
addEventListener("pointerdown", ({ target }) => menu.contains(target) || (menu.open = false));
menu.addEventListener("focusout", ({ relatedTarget }) => relatedTarget && !menu.contains(relatedTarget) && (menu.open = false));
