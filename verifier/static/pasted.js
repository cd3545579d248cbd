// A pasted code of ours is checked on this device, as a scanned one is; any other text is sent by its form.

import { pay } from "./work.js";

const form = document.querySelector("form[data-pasted]");
const FACTS = /^2KC[A-Z2-7]{97,}$/;

/** The facts in a text that is a code at exactly our address, or facts alone; else null. @param {string} text */
function factsIn(text) {
  const ours = `https://${form.dataset.pasted}/#`;
  const bare = text.replace(/^[\ufeff\s]+|[\ufeff\s]+$/g, "");
  const facts = bare.startsWith(ours) ? bare.slice(ours.length) : bare;
  return FACTS.test(facts) ? facts : null;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const facts = factsIn(form.elements.namedItem("text").value);
  if (facts !== null) {
    location.assign(`${form.dataset.qr}#${facts}`);
    return;
  }
  await pay(); // what was paid is a cookie
  form.submit();
});
