// Looking up a hash without telling which: ask for a whole bucket, compare here (docs/api.md).

const TRIES = 3;

/** The name of the bucket: the first `bits` bits as hex. */
export function prefixOf(hash, bits) {
  const digits = Math.ceil(bits / 4);
  const number = bits ? parseInt(hash.slice(0, digits), 16) >> (4 * digits - bits) : 0;
  return number.toString(16).padStart(Math.max(1, digits), "0");
}

async function get(address) {
  // No cookie: a bucket must not lead to a session. No store: nor to the next user.
  return fetch(address, { credentials: "omit", cache: "no-store", referrerPolicy: "no-referrer" });
}

/** Seconds between the moment of the statuses and now, by the clock of the server. */
function age(answer, asOf) {
  const now = Date.parse(answer.headers.get("date") ?? "") || Date.now();
  return (now - Date.parse(asOf)) / 1000;
}

/**
 * The status of a hash: "good", "superseded" or "withdrawn", with the age of that word in
 * seconds; null for a hash that is not in its bucket. Throws when nobody can say.
 */
export async function lookUp(base, hash) {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const width = await get(base);
    if (!width.ok) break;
    const { bits } = await width.json();
    const answer = await get(`${base}/${prefixOf(hash, bits)}`);
    if (answer.status === 400) continue; // the width changed between the two questions
    if (!answer.ok) break;
    const bucket = await answer.json();
    const rest = hash.slice(Math.floor(bucket.bits / 4));
    const found = bucket.bits === bits ? bucket.entries.find(([one]) => one === rest) : undefined;
    return found ? { status: found[1], age: age(answer, bucket.asOf) } : null;
  }
  throw new Error("unavailable");
}
