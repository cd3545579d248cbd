// Looking up a hash without telling which: ask for a whole bucket, compare here (docs/api.md).

import { bitsOf, found, prefixOf } from "./bucket.js";

const TRIES = 3;
const PATIENCE = 30_000;

async function get(address) {
  // No cookie: a bucket must not lead to a session. No store: nor to the next user.
  const signal = AbortSignal.timeout(PATIENCE);
  const how = { credentials: "omit", cache: "no-store", redirect: "error", referrerPolicy: "no-referrer" };
  return fetch(address, { ...how, signal });
}

/** Seconds between the moment of the statuses and now, by the clock of the server. */
function age(answer, asOf) {
  const now = Date.parse(answer.headers.get("date") ?? "") || Date.now();
  return (now - Date.parse(asOf)) / 1000;
}

/**
 * The status of a hash: "good", "superseded" or "withdrawn", with the moment and the age of that
 * word in seconds, and what was asked; null for a hash that is not in its bucket. Throws when
 * nobody can say.
 */
export async function lookUp(base, hash) {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const width = await get(base);
    if (!width.ok) break;
    const bits = bitsOf(await width.json());
    const prefix = prefixOf(hash, bits);
    const answer = await get(`${base}/${prefix}`);
    if (answer.status === 400) continue; // the width changed between the two questions
    if (!answer.ok) break;
    const bucket = await answer.json();
    if (bucket.bits !== bits) continue; // it changed, and the name of a bucket fits both
    const status = found(bucket, hash, bits);
    return status && { status, prefix, bits, asOf: bucket.asOf, age: age(answer, bucket.asOf) };
  }
  throw new Error("unavailable");
}
