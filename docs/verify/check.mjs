// The second implementation on the command line (Node 20 or newer, nothing to install):
//   node check.mjs --trust echt-trust.json [--root root.der] [--at 2026-11-21T14:05:00Z] [--status FOLDER] FILE…
// The folder holds recorded answers about today's status (status.md); without it nobody is asked.
// One JSON object a line. A code of null means: not a kind of file that this implementation covers.
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { checkFacts, listOrReason, scanned } from "../../verifier/static/qr-check.js";
import { checkPdf } from "../../verifier/static/sealed-pdf.js";
import { Today } from "./today.mjs";

const OPTIONS = /** @type {const} */ ({
  trust: { type: "string" },
  root: { type: "string" },
  at: { type: "string" },
  status: { type: "string" },
  address: { type: "string", default: "echt.voorbeeld.nl" },
});
const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true });
const now = values.at ? Date.parse(values.at) : Date.now();

/** Letters in a QR code; the largest code holds 4,296 (ISO/IEC 18004 table 7). */
const MAX_CODE = 8192;
/** The text of a code: an address, whatever its scheme; one that is not `https` leads to another house. */
const ADDRESS = /^[a-z][a-z0-9+.-]{1,30}:[^\s\x00-\x1f]+$/i;
/** Signed facts without an address: a COSE_Sign1 with its tag in base32 always begins like this. */
const FACTS = /^2KC[A-Z2-7]{97,}$/;
/** Where a shared link lives behind our host, and its secret. */
const SHARE = /^https:\/\/[^/]+\/(?:nl|en|de)\/share#([\w-]{22,64})$/;
/** What the first implementation reads and this one does not: XML and JSON, a compact JWS, base64. */
const OTHERS = [/^[{<[]/, /^[\w-]+\.[\w-]*\.[\w-]*$/, /^[A-Za-z0-9+/]{32}[A-Za-z0-9+/\r\n]*={0,2}$/];

/** @param {string} path */
const read = (path) => new Uint8Array(readFileSync(path));
const asked = values.root ? { root: read(values.root) } : {};
const list = await listOrReason(values.trust ? read(values.trust) : null, now, asked);

/** A text without the marks that an editor puts around it. @param {Uint8Array} bytes */
function written(bytes) {
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  return text.replace(/^[\ufeff \t\r\n]+|[\ufeff \t\r\n]+$/g, "");
}

const today = new Today(values.status ?? null, now);

/** @param {Uint8Array} bytes */
async function check(bytes) {
  const start = String.fromCharCode(...bytes.subarray(0, 8));
  if (start.startsWith("%PDF-")) return (await today.ofFile(bytes)) ?? checkPdf(bytes, list, now);
  if (/^\x89PNG|^\xff\xd8\xff/.test(start)) return { code: "NOT_ORIGINAL", reason: "picture" };
  const text = written(bytes);
  if (text.length <= MAX_CODE && (ADDRESS.test(text) || FACTS.test(text))) return checkCode(text);
  const isCovered = !/^PK|^\x1f\x8b/.test(start) && !OTHERS.some((form) => form.test(text));
  return isCovered ? { code: "CANNOT_CHECK", reason: "unknown_type" } : { code: null, reason: "not_covered" };
}

/** @param {string} text */
async function checkCode(text) {
  const link = text.startsWith(`https://${values.address}/`) && SHARE.exec(text);
  if (link) return today.ofLink(link[1] ?? "");
  const found = FACTS.test(text) ? { facts: text } : scanned(text, values.address);
  if ("host" in found) return { code: "NOT_OURS", reason: "other_host" };
  const { code, reason, facts } = await checkFacts(found.facts, list, now);
  return code === "GENUINE" ? today.ofCode(facts?.number ?? "") : { code, reason };
}

for (const file of positionals) {
  const told = await check(read(file)).catch(() => ({ code: "CANNOT_CHECK", reason: "damaged" }));
  console.log(JSON.stringify({ file, ...told }));
}
