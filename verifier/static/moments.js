// Moments as people read them: in the language of the page, in Dutch time.

/** The locale of each language of ours. */
export const LOCALES = new Map([["nl", "nl-NL"], ["en", "en-GB"], ["de", "de-DE"]]);
const DUTCH_TIME = "Europe/Amsterdam";

const JOINED = new Map([["nl", "{day} om {clock} uur"], ["en", "{day} at {clock}"], ["de", "{day} um {clock} Uhr"]]);

/** 5 juli 2024, 5 July 2024, 5. Juli 2024. @param {Date | number} moment @param {string} language */
export function dayOf(moment, language) {
  return new Intl.DateTimeFormat(LOCALES.get(language), { dateStyle: "long", timeZone: DUTCH_TIME }).format(moment);
}

/** 10.41 in Dutch, elsewhere 10:41. @param {Date | number} moment @param {string} language */
export function clockOf(moment, language) {
  const style = /** @type {const} */ ({ hour: "2-digit", minute: "2-digit", timeZone: DUTCH_TIME });
  const told = new Intl.DateTimeFormat(LOCALES.get(language), style).format(moment);
  return told.replace(":", language === "nl" ? "." : ":");
}

/** Day and time in words, as `web/i18n.py` spells them. @param {Date} moment @param {string} language of the page */
export function spelled(moment, language) {
  const joined = JOINED.get(language) ?? "{day} {clock}";
  return joined.replace("{day}", dayOf(moment, language)).replace("{clock}", clockOf(moment, language));
}
