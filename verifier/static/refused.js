// What a strict reader throws: the input is not exactly what it should be.

/** The input is not of the one form that we read; `reason` is a stable key, never a value. */
export class Refused extends Error {
  /** @param {string} reason */
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}

/**
 * Refuse unless a condition holds.
 * @param {unknown} condition
 * @param {string} reason
 * @returns {asserts condition}
 */
export function require(condition, reason) {
  if (!condition) throw new Refused(reason);
}
