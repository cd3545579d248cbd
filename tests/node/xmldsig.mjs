// XML signatures before xml-crypto: prints a JSON list, true for each file that the pinned certificate signed.
//   node xmldsig.mjs CERTIFICATE FILE...
import { readFileSync } from "node:fs";
import { DOMParser } from "@xmldom/xmldom";
import { SignedXml } from "xml-crypto";

const DS = "http://www.w3.org/2000/09/xmldsig#";
const [certificate = "", ...files] = process.argv.slice(2);
const publicCert = readFileSync(certificate);
const errorHandler = (/** @type {string} */ _level, /** @type {string} */ message) => { throw new Error(message); };

/** The one signature that is a child of the root. @param {string} xml */
function signatureOf(xml) {
  const root = new DOMParser({ errorHandler }).parseFromString(xml, "text/xml").documentElement;
  const found = Array.from(root.childNodes).filter((one) => one.namespaceURI === DS && one.localName === "Signature");
  if (found.length !== 1) throw new Error(`${found.length} signatures`);
  return found[0];
}

/** Whether it covers the whole document; what stands in KeyInfo is never the key. @param {string} xml */
function accepts(xml) {
  const signed = new SignedXml({ publicCert, getCertFromKeyInfo: () => null });
  signed.loadSignature(signatureOf(xml));
  return signed.checkSignature(xml) && signed.getSignedReferences().length === 1;
}

/** @param {string} file */
function verdict(file) {
  try {
    return accepts(new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(file)));
  } catch {
    return false;
  }
}

console.log(JSON.stringify(files.map(verdict)));
