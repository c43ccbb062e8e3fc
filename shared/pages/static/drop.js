// Enhances the verify form: a file dropped anywhere on it is chosen and sent. Without script the form works as it is.
for (const form of document.querySelectorAll("form[data-drop]")) {
  const zone = form.querySelector(".drop");
  const input = form.querySelector("input[type=file]");
  const chosen = form.querySelector("[data-chosen]");
  const show = () => { chosen.textContent = input.files.length ? input.files[0].name : ""; };
  for (const name of ["dragenter", "dragover"]) {
    zone.addEventListener(name, (event) => { event.preventDefault(); zone.classList.add("over"); });
  }
  for (const name of ["dragleave", "drop"]) {
    zone.addEventListener(name, () => zone.classList.remove("over"));
  }
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files.length) {
      input.files = event.dataTransfer.files;
      show();
      form.requestSubmit();
    }
  });
  input.addEventListener("change", show);
}
for (const place of document.querySelectorAll(".error-summary, #verdict")) place.focus();
