// Dragging a file onto the sheet, and saying which file was chosen. Without this the form works too.

import { pay } from "./work.js";

const form = document.querySelector("form.echt-drop");
const input = form?.querySelector("input[type=file]");
const chosen = form?.querySelector("[data-chosen]");

function tell() {
  const file = input.files[0];
  chosen.hidden = !file;
  chosen.querySelector("b").textContent = file ? file.name : "";
}

function over(on) {
  form.classList.toggle("echt-drop--over", on);
}

if (form && input && chosen) {
  input.addEventListener("change", tell);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    await pay();
    form.submit();
  });
  form.addEventListener("dragover", (event) => {
    event.preventDefault();
    over(true);
  });
  form.addEventListener("dragleave", (event) => {
    if (!form.contains(event.relatedTarget)) over(false);
  });
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    over(false);
    if (event.dataTransfer.files.length !== 1) return;
    input.files = event.dataTransfer.files;
    tell();
    form.querySelector("button[type=submit]").focus();
  });
}
