// Lets what stands in a field be copied with one press. Without script the field can be selected and copied as ever.
for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  const said = document.getElementById(button.dataset.said);
  button.hidden = false;
  button.addEventListener("click", async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      // Without permission, or on a page that came over plain HTTP; the older way needs neither.
      document.execCommand("copy");
    }
    said.textContent = button.dataset.done;
    const words = button.textContent;
    if (words === button.dataset.word) return;
    button.textContent = button.dataset.word;
    setTimeout(() => { button.textContent = words; }, 2000);
  });
}
