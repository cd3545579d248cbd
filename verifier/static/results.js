// Putting an answer of the server into the place of one file, beside those of other files.

import { offerCopying } from "./copy.js";
import { fillIn } from "./filled.js";

let adopted = 0;
const NAMES = ["for", "aria-labelledby", "aria-describedby", "aria-controls"];

/** Names within a page are made names within this answer. */
function rename(part) {
  adopted += 1;
  const mine = (name) => `${name}-${adopted}`;
  for (const one of part.querySelectorAll("[id]")) one.id = mine(one.id);
  for (const name of NAMES) {
    for (const one of part.querySelectorAll(`[${name}]`)) {
      one.setAttribute(name, one.getAttribute(name).split(" ").map(mine).join(" "));
    }
  }
}

/** Headings stand one or two levels below the name of the file. */
function lower(part) {
  for (const heading of part.querySelectorAll("h3, h2, h1")) {
    const lowered = document.createElement(`h${Math.min(6, Number(heading.localName[1]) + 2)}`);
    for (const { name, value } of heading.attributes) lowered.setAttribute(name, value);
    lowered.append(...heading.childNodes);
    heading.replaceWith(lowered);
  }
}

/** The answer of a page in place of what stood there; scripts in it never run. */
export function adopt(place, html, name) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const part = document.createElement("div");
  part.append(...page.querySelector("main").childNodes);
  fillIn(part, { file: { value: name } });
  rename(part);
  lower(part);
  offerCopying(part);
  place.className = "echt-result";
  const heading = document.createElement("h2");
  heading.className = "utrecht-heading-2";
  const file = document.createElement("bdi");
  file.textContent = name;
  heading.append(file);
  place.replaceChildren(heading, part);
  place.focus();
}

/** One plain sentence in the place, buttons usable again. */
export function fill(place, sentence) {
  let told = place.querySelector("[data-told]");
  if (!told) {
    told = document.createElement("p");
    told.className = "utrecht-paragraph";
    told.dataset.told = "";
    place.lastElementChild.append(told);
  }
  told.textContent = sentence;
  for (const one of place.querySelectorAll("button")) one.disabled = false;
}
