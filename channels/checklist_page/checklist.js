// Keeps the ticks on this device, in whatever language the list is opened, and takes them into the PDF.

const KEY = "checklist";
const boxes = [...document.querySelectorAll("input[type=checkbox]")];
const pdf = document.getElementById("pdf");
const print = document.getElementById("print");

function kept() {
  try {
    return new Set(JSON.parse(localStorage.getItem(KEY)) ?? []);
  } catch {
    return new Set(); // no storage, or nothing that can be read
  }
}

function keep() {
  const done = boxes.filter((box) => box.checked).map((box) => box.value);
  try {
    localStorage.setItem(KEY, JSON.stringify(done));
  } catch {
    // the ticks last as long as the page
  }
  link(done);
}

function link(done) {
  const address = new URL(pdf.href);
  if (done.length) address.searchParams.set("done", done.join(","));
  else address.searchParams.delete("done");
  pdf.href = address.href;
}

const done = kept();
for (const box of boxes) {
  box.checked = done.has(box.value);
  box.addEventListener("change", keep);
}
link(boxes.filter((box) => box.checked).map((box) => box.value));
print.hidden = false;
print.addEventListener("click", () => window.print());
