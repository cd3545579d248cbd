// Moments as people read them: in the language of the page, in Dutch time.

/** The locale of each language of ours. */
export const LOCALES = new Map([["nl", "nl-NL"], ["en", "en-GB"], ["de", "de-DE"]]);
export const DUTCH_TIME = "Europe/Amsterdam";

/** Day and time in words. @param {Date} moment @param {string} language of the page */
export function spelled(moment, language) {
  const style = /** @type {const} */ ({ dateStyle: "long", timeStyle: "short", timeZone: DUTCH_TIME });
  return new Intl.DateTimeFormat(LOCALES.get(language), style).format(moment);
}
