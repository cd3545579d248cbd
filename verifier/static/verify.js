// Checking files without sending them. Without this the form works too, and sends the file.

import { lookUp } from "./buckets.js";
import { offerCopying } from "./copy.js";
import { fillIn } from "./filled.js";
import { LARGEST, possible, sha256 } from "./fingerprint.js";
import { spelled } from "./moments.js";
import { getReceipt } from "./receipt.js";
import { adopt, fill } from "./results.js";
import { pay } from "./work.js";

const form = document.querySelector("form.echt-drop");
const input = form.querySelector("input[type=file]");
const chosen = form.querySelector("[data-chosen]");
const progress = form.querySelector("[data-progress]");
const button = form.querySelector("button[type=submit]");
const results = document.querySelector("[data-results]");
const say = document.querySelector("[data-say]");
const CODES = { good: "GENUINE_CURRENT", superseded: "SUPERSEDED", withdrawn: "WITHDRAWN" };

function tell() {
  const names = Array.from(input.files, (file) => file.name);
  chosen.hidden = !names.length;
  chosen.querySelector("b").textContent = names.join(", ");
}

function show(text, file, part) {
  progress.hidden = !text;
  progress.firstElementChild.textContent = text.replace("{file}", file?.name ?? "");
  const bar = progress.querySelector("progress");
  if (part === undefined) bar.removeAttribute("value");
  else bar.value = part;
}

/** The name of the answer about one file. Nothing but the beginning of its hash leaves. */
async function answerFor(file) {
  if (file.size > LARGEST) return { code: "TOO_LARGE" };
  try {
    const hash = await sha256(file, (part) => show(form.dataset.hashing, file, part));
    show(form.dataset.asking, file);
    const found = await lookUp("/api/v1/hash-buckets", hash);
    if (!found) return { code: "UNKNOWN" };
    // Only a fresh word makes green; a clock that runs ahead is no word of today either.
    const fresh = Math.abs(found.age) <= Number(form.dataset.fresh);
    const stands = found.status !== "good" || fresh;
    return { code: stands ? CODES[found.status] : "GENUINE_STATUS_UNKNOWN", hash, found };
  } catch {
    return { code: "UNAVAILABLE" };
  }
}

async function ask(address, request, place, file) {
  for (const one of place.querySelectorAll("button")) one.disabled = true;
  show(form.dataset.sending, file);
  try {
    const answer = await fetch(address, { method: "POST", ...request });
    if (!answer.ok) throw new Error(String(answer.status));
    adopt(place, await answer.text(), file.name);
    say.textContent = place.querySelector(".echt-verdict__word")?.textContent ?? "";
  } catch {
    say.textContent = form.dataset.failed;
    fill(place, form.dataset.failed);
  }
  show("");
}

async function sendFile(place, file) {
  const body = new FormData();
  body.append("file", file);
  await pay();
  return ask(form.action, { body, credentials: "same-origin" }, place, file); // what was paid is a cookie
}

function askRecord(place, file, hash) {
  const body = JSON.stringify({ sha256: hash, language: document.documentElement.lang });
  const headers = { "Content-Type": "application/json" };
  return ask("/api/v1/verifications/_render", { body, headers, credentials: "omit" }, place, file);
}

async function askReceipt(place, button, hash) {
  button.disabled = true;
  try {
    await getReceipt(button.closest("[data-receipt]"), hash);
  } catch {
    say.textContent = form.dataset.failed;
    fill(place, form.dataset.failed);
  }
}

function put(file, { code, hash, found }) {
  const template = document.querySelector(`template[data-answer="${code}"]`);
  const place = template.content.firstElementChild.cloneNode(true);
  const moment = spelled(new Date(), document.documentElement.lang);
  fillIn(place, { file: { value: file.name }, moment: { moment }, time: { value: moment } });
  if (found) fillIn(place, { sha256: { value: hash }, sent: found, "as-of": { value: found.asOf } });
  const on = (name, act) => place.querySelector(name)?.addEventListener("click", act);
  on("[data-send]", () => sendFile(place, file));
  on("[data-record]", () => askRecord(place, file, hash));
  on("[data-get]", (event) => askReceipt(place, event.currentTarget, hash));
  offerCopying(place);
  results.append(place);
  return place;
}

async function check(files) {
  button.disabled = true;
  results.replaceChildren();
  const said = [];
  for (const file of files) {
    const place = put(file, await answerFor(file)); // one after the other: one file in memory
    const word = place.querySelector(".echt-verdict__word, [data-heading]").textContent;
    said.push(`${form.dataset.done.replace("{file}", file.name)} ${word}`);
  }
  show("");
  form.reset();
  tell();
  button.disabled = false;
  say.textContent = said.join(" ");
  results.firstElementChild?.focus();
}

function over(on) {
  form.classList.toggle("echt-drop--over", on);
}

input.addEventListener("change", tell);
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
  if (!event.dataTransfer.files.length || (!possible && event.dataTransfer.files.length > 1)) return;
  input.files = event.dataTransfer.files;
  tell();
  button.focus();
});
input.multiple = possible;
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (!possible) {
    await pay();
    form.submit();
  } else if (!button.disabled) check(Array.from(input.files));
});
