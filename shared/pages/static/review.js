// Enhances the review queue: j and k go to the next and the previous piece, a accepts, r goes to the comment. Without
// script the links, buttons and fields do the same.
const SETTLED_MS = 500;
const opened = performance.now();
for (const hint of document.querySelectorAll("[data-keys]")) hint.hidden = false;
addEventListener("keydown", (event) => {
  const isTyping = event.target.closest("input:not([type=radio]), textarea, select, [contenteditable]");
  if (isTyping || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!target) return;
  event.preventDefault();
  const field = target.querySelector("textarea");
  if (field) {
    field.focus();
  } else if (target.matches("a")) {
    target.click();
  } else if (performance.now() - opened > SETTLED_MS) {
    // Not at once: a key pressed twice would accept what nobody has seen.
    target.form.requestSubmit(target);
  }
});
