// Moves along runs: arrow keys or j and k from step to step, in the list and in the lanes alike.
// On paper everything that is folded is open.
"use strict";
const show = (step) => {
  const run = step.closest(".run");
  for (const old of run.querySelectorAll(".current")) old.classList.remove("current");
  step.classList.add("current");
  const scene = run.querySelector(`.scene[href="#${step.id}"]`);
  if (scene) {
    scene.classList.add("current");
    scene.scrollIntoView({ block: "nearest" });
  }
};
for (const step of document.querySelectorAll(".steps > .step")) {
  step.addEventListener("focus", () => show(step));
}
for (const scene of document.querySelectorAll(".scene")) {
  scene.addEventListener("click", (event) => {
    event.preventDefault();
    document.getElementById(scene.getAttribute("href").slice(1)).focus();
  });
}
document.addEventListener("keydown", (event) => {
  const step = event.target.closest?.(".steps > .step");
  const way = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
  if (!step || !way || event.ctrlKey || event.altKey || event.metaKey) return;
  const steps = [...step.parentElement.querySelectorAll(":scope > .step")];
  const next = steps[steps.indexOf(step) + way];
  if (next) {
    event.preventDefault();
    next.focus();
  }
});
addEventListener("beforeprint", () => {
  for (const folded of document.querySelectorAll("details")) folded.open = true;
});
if (location.hash) document.getElementById(location.hash.slice(1))?.focus();
