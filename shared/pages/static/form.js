// Enhances forms: a second press while the first is on its way sends nothing, what is ticked is counted, all can be
// ticked at once, and a file can be dropped. Without script each form works as it is.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
  });
}
// A page that comes back from the browser's memory can be sent again.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

function boxes(near, name) {
  return [...(near.closest("form") ?? document).querySelectorAll(`input[type=checkbox][name="${name}"]`)];
}
for (const bar of document.querySelectorAll("[data-count]")) {
  const count = () => {
    bar.querySelector("output").textContent = boxes(bar, bar.dataset.count).filter((box) => box.checked).length;
  };
  bar.querySelector("p").hidden = false;
  (bar.closest("form") ?? document).addEventListener("change", count);
  addEventListener("pageshow", count);
  count();
}
for (const label of document.querySelectorAll("[data-tick-all]")) {
  const all = label.querySelector("input");
  label.hidden = false;
  all.addEventListener("change", (event) => {
    for (const box of boxes(label, label.dataset.tickAll)) box.checked = all.checked;
    event.target.form?.dispatchEvent(new Event("change"));
  });
}
for (const zone of document.querySelectorAll("form .drop")) {
  const input = zone.querySelector("input[type=file]");
  zone.addEventListener("dragover", (event) => { event.preventDefault(); zone.classList.add("over"); });
  for (const name of ["dragleave", "drop"]) zone.addEventListener(name, () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files.length) input.files = event.dataTransfer.files;
  });
}
