// The buttons of the page that scans. The camera's code is loaded when somebody asks for it.
import { checkScanned } from "./qr-page.js";

const page = /** @type {HTMLElement} */ (document.querySelector("[data-scan]"));
const video = /** @type {HTMLVideoElement} */ (page.querySelector("video"));
const start = /** @type {HTMLButtonElement} */ (page.querySelector("[data-start]"));
const stop = /** @type {HTMLButtonElement} */ (page.querySelector("[data-stop]"));
const photo = /** @type {HTMLInputElement} */ (page.querySelector("input[type=file]"));
const said = /** @type {HTMLElement} */ (page.querySelector("[data-said]"));

/** Say one of the sentences that the page has ready; none of them when there is nothing to say. @param {string} name */
function say(name) {
  said.textContent = page.querySelector(`[data-sentence="${name}"]`)?.textContent ?? "";
}

/** @param {boolean} on */
function looking(on) {
  video.hidden = stop.hidden = !on;
  start.hidden = on;
}

async function look() {
  const stopping = new AbortController();
  const end = () => stopping.abort();
  stop.addEventListener("click", end);
  addEventListener("pagehide", end);
  say("looking");
  looking(true);
  stop.focus();
  const found = await import("./camera.js")
    .then(({ throughCamera }) => throughCamera(video, stopping.signal))
    .catch(() => ({ trouble: "no-camera" }));
  looking(false);
  stop.removeEventListener("click", end);
  removeEventListener("pagehide", end);
  if ("text" in found) return checkScanned(found.text);
  start.focus();
  return say(found.trouble);
}

async function read() {
  const file = photo.files?.[0];
  if (!file) return undefined;
  say("reading");
  const text = await import("./camera.js").then(({ inPhoto }) => inPhoto(file)).catch(() => null);
  photo.value = "";
  return text === null ? say("not-in-photo") : checkScanned(text);
}

start.addEventListener("click", look);
photo.addEventListener("change", read);
page.hidden = false;
