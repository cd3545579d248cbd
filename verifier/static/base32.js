// Base32 (RFC 4648 6) as our QR codes carry it: upper case, no padding, no spare bits.
import { require } from "./refused.js";

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const MAX_LETTERS = 4096;
/** How many letters a last group of five bytes can have; 1, 3 and 6 hold no whole byte more. */
const LAST_GROUPS = [0, 2, 4, 5, 7];

/**
 * Bytes of a base32 text; every other spelling of the same bytes is refused.
 * @param {string} value
 */
export function base32(value) {
  require(value.length > 0 && value.length <= MAX_LETTERS, "base32");
  require(LAST_GROUPS.includes(value.length % 8), "base32");
  const bytes = new Uint8Array(Math.floor((value.length * 5) / 8));
  let bits = 0;
  let held = 0;
  let at = 0;
  for (const letter of value) {
    const five = LETTERS.indexOf(letter);
    require(five >= 0, "base32");
    bits = ((bits << 5) | five) & 0xfff;
    held += 5;
    if (held >= 8) {
      held -= 8;
      bytes[at++] = (bits >> held) & 0xff;
    }
  }
  require((bits & ((1 << held) - 1)) === 0, "base32");
  return bytes;
}
