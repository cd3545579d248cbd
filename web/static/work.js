// The work that a check costs while very many people check at once; mostly none. The answer
// goes into a cookie for two minutes, so that a plain form can send it.

const LIFETIME = 120;
const BATCH = 512;

/** @param {Uint8Array} digest @returns {number} zero bits at its head */
function zeroBits(digest) {
  let bits = 0;
  for (const byte of digest) {
    if (byte === 0) {
      bits += 8;
      continue;
    }
    return bits + Math.clz32(byte) - 24;
  }
  return bits;
}

/**
 * @param {string} challenge
 * @param {number} bits
 * @returns {Promise<string>} `challenge:number`
 */
export async function solved(challenge, bits) {
  const encoder = new TextEncoder();
  for (let first = 0; ; first += BATCH) {
    const answers = Array.from({ length: BATCH }, (_, n) => `${challenge}:${first + n}`);
    const digests = await Promise.all(
      answers.map((answer) => crypto.subtle.digest("SHA-256", encoder.encode(answer))),
    );
    const found = digests.findIndex((digest) => zeroBits(new Uint8Array(digest)) >= bits);
    if (found >= 0) return answers[found];
  }
}

/** Ask what a check costs, and pay; without an answer the form is sent as it is. */
export async function pay() {
  try {
    const asked = await fetch("/api/v1/challenges", { credentials: "same-origin" });
    const { bits, challenge } = await asked.json();
    if (!bits) return;
    const answer = await solved(challenge, bits);
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `echt-work=${answer}; Path=/; Max-Age=${LIFETIME}; SameSite=Strict${secure}`;
  } catch {
    // The server says it again, in words, if the form is sent too early.
  }
}
