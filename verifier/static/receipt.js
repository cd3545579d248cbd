// A receipt of a check by fingerprint, on request: only then does the whole fingerprint leave.

import { fillIn } from "./filled.js";
import { pay } from "./work.js";

/**
 * Get it and offer to save it. Throws when there is none to be had now.
 * @param {Element} part `[data-receipt]` of one answer
 * @param {string} hash
 */
export async function getReceipt(part, hash) {
  await pay(); // what was paid is a cookie
  const body = JSON.stringify({ sha256: hash });
  const headers = { "Content-Type": "application/json" };
  const answer = await fetch("/api/v1/receipts", { method: "POST", body, headers, credentials: "same-origin" });
  if (!answer.ok) throw new Error(String(answer.status));
  const { receipt, shortCode, content } = await answer.json();
  fillIn(part, { number: { number: content.id, code: shortCode } });
  part.querySelector("input[name=receipt]").value = receipt;
  part.querySelector("[data-offer]").hidden = true;
  part.querySelector("[data-got]").hidden = false;
  part.classList.remove("echt-noprint"); // now it has something to say on paper
  part.querySelector("[data-number]").focus();
}
