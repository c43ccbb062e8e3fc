// Sends each tap by itself, one after the other, and keeps those that could not be sent until the phone is back online.
"use strict";
(() => {
  const roll = document.querySelector("[data-roll]");
  if (!roll) return;
  const state = document.querySelector("[data-state]");
  const undo = document.querySelector("[data-undo]");
  const UNDO_MILLISECONDS = 10000, RETRY_MILLISECONDS = 4000;
  // By person: only the last tap counts. `before` is what the server knows, for where it refuses.
  const waiting = new Map();
  let isSending = false, retry = 0, hiding = 0;

  const say = (text) => { state.textContent = text; };
  const modes = roll.dataset.modes.split(",");
  const rowOf = (id) => document.getElementById(`line-${id}`);
  const buttonsOf = (row) => [...row.querySelectorAll(".toggles button")];
  const modeOf = (row) => modes[buttonsOf(row).findIndex((button) => button.getAttribute("aria-pressed") === "true")] || "";

  function count() {
    const now = [...roll.children].map(modeOf);
    const is = (...wanted) => now.filter((mode) => wanted.includes(mode)).length;
    const counts = { there: is("in person", "virtual"), away: is("excused", "absent"), open: is("") };
    for (const [name, number] of Object.entries(counts)) {
      document.querySelector(`[data-tally="${name}"]`).textContent = number;
    }
    const all = document.querySelector("[data-all]");
    // Its words name a number that no longer holds.
    if (all) all.hidden = true;
  }

  function show(row, mode) {
    buttonsOf(row).forEach((button, number) => {
      const isPressed = modes[number] === mode;
      button.setAttribute("aria-pressed", String(isPressed));
      button.value = isPressed ? "clear" : modes[number];
    });
    const present = row.querySelector(".times input[name=mode]");
    if (present && (mode === "in person" || mode === "virtual")) present.value = mode;
    count();
  }

  function take(line) {
    const row = rowOf(line.enrollment_id);
    if (!row || waiting.has(line.enrollment_id)) return;
    show(row, line.mode || "");
    row.querySelector("[data-note]").textContent = line.note;
  }

  function offerUndo(changeId) {
    clearTimeout(hiding);
    undo.hidden = !changeId;
    undo.elements.change_id.value = changeId || "";
    const done = undo.querySelector("[data-done]");
    if (done) done.remove();
    if (changeId) hiding = setTimeout(() => { undo.hidden = true; }, UNDO_MILLISECONDS);
  }

  async function post(path, fields) {
    const answer = await fetch(path, {
      method: "POST",
      body: new URLSearchParams(fields),
      headers: { Accept: "application/json" },
      redirect: "error",
      signal: AbortSignal.timeout(15000),
    });
    // Those mend themselves in a moment; anything else does not.
    if (answer.status >= 500 || answer.status === 429) throw new TypeError("away");
    return answer;
  }

  async function pump() {
    if (isSending) return;
    isSending = true;
    clearTimeout(retry);
    try {
      while (waiting.size) {
        const [id, tap] = waiting.entries().next().value;
        say(roll.dataset.saving);
        const answer = await post(tap.path, { enrollment_id: id, mode: tap.mode });
        const row = rowOf(id);
        const isNewest = waiting.get(id) === tap;
        if (isNewest) { waiting.delete(id); row.removeAttribute("data-waiting"); }
        if (!answer.ok) {
          if (isNewest) show(row, tap.before);
          say(roll.dataset.refused);
          continue;
        }
        const saved = await answer.json();
        saved.lines.forEach(take);
        if (isNewest) { say(roll.dataset.saved); offerUndo(saved.change_id); }
      }
    } catch {
      say(roll.dataset.offline.replace("{n}", waiting.size));
      offerUndo("");
      retry = setTimeout(pump, RETRY_MILLISECONDS);
    } finally {
      isSending = false;
    }
  }

  roll.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.matches(".times") || !event.submitter) return;
    event.preventDefault();
    const row = form.closest("li"), id = form.elements.enrollment_id.value, mode = event.submitter.value;
    const before = waiting.has(id) ? waiting.get(id).before : modeOf(row);
    waiting.delete(id);
    waiting.set(id, { path: form.action, mode, before });
    row.setAttribute("data-waiting", "");
    show(row, mode === "clear" ? "" : mode);
    pump();
  });

  undo.addEventListener("submit", async (event) => {
    event.preventDefault();
    const changeId = undo.elements.change_id.value;
    offerUndo("");
    try {
      const answer = await post(undo.action, { change_id: changeId });
      if (!answer.ok) { say(roll.dataset.late); return; }
      (await answer.json()).lines.forEach(take);
      say(roll.dataset.undone);
    } catch {
      say(roll.dataset.offline.replace("{n}", waiting.size));
      offerUndo(changeId);
    }
  });

  addEventListener("online", pump);
  addEventListener("beforeunload", (event) => { if (waiting.size) event.preventDefault(); });
})();
