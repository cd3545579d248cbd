// Today's status out of recorded answers of the service (status.md). Without a folder nothing is known of today.
import { readFileSync } from "node:fs";
import { digest, hex } from "../../verifier/static/bytes.js";
import { statusIn, statusOf } from "../../verifier/static/status.js";
import { Refused } from "../../verifier/static/refused.js";

const API = "/api/v1";
const FRESH = 60 * 60 * 1000;
const UNKNOWN = { code: "GENUINE_STATUS_UNKNOWN", reason: "status_unknown" };

export class Today {
  /** @param {string | null} folder @param {number} now milliseconds */
  constructor(folder, now) {
    this.folder = folder;
    this.how = { now, fresh: FRESH };
    this.ask = (/** @type {string} */ path) => this.recorded(path.replace(API, ""));
  }

  /** @param {string} path @returns {Promise<any>} */
  async recorded(path) {
    if (this.folder === null) throw new Refused("offline");
    try {
      return JSON.parse(readFileSync(`${this.folder}${path}.json`, "utf8"));
    } catch {
      throw new Refused("status_answer"); // not there or no JSON: nobody can say
    }
  }

  /** The verdict on a file that was issued to the letter; null where the file itself has to be read. @param {Uint8Array} bytes */
  async ofFile(bytes) {
    if (this.folder === null) return null;
    const status = await statusIn(`${API}/hash-buckets`, hex(await digest(bytes)), this.ask, this.how);
    return status === null ? null : said(status, "GENUINE_CURRENT");
  }

  /** The verdict on a code that our key signed. @param {string} number */
  async ofCode(number) {
    const status = this.folder === null ? null : await statusOf(number, this.ask, this.how);
    return status === null ? UNKNOWN : said(status, "QR_GENUINE_COMPARE");
  }

  /** A link that still opens is opened, not checked. @param {string} secret */
  async ofLink(secret) {
    if (this.folder === null) return { code: "CANNOT_CHECK", reason: "offline" };
    const { open } = await this.recorded("/shares").catch(() => ({}));
    if (!Array.isArray(open)) return { code: "CANNOT_CHECK", reason: "shares_unavailable" };
    const isOpen = open.includes(secret);
    return isOpen ? { code: "CANNOT_CHECK", reason: "share_open" } : { code: "SHARE_ENDED", reason: "share_ended" };
  }
}

/** @param {import("../../verifier/static/bucket.js").Status} status @param {string} good */
function said(status, good) {
  const words = { good, superseded: "SUPERSEDED", withdrawn: "WITHDRAWN" };
  return { code: words[status], reason: status };
}
