/**
 * Makes text of a document, an API, a request or a server harmless to a terminal: control characters and marks that change
 * the direction of text are shown as `\\uXXXX`. Imports nothing, as every command loads it.
 */

/** C0 but for tab and line feed, DEL, C1, and the bidirectional controls (Unicode UAX #9, and the Arabic letter mark). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const CONTROLS = /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;
const LINE_CONTROLS = /[\t\n]/g;

/** The text with its lines. Within a JSON string, what comes out means the same. */
export function escapeControls(text: string): string {
  return text.replaceAll(CONTROLS, escaped);
}

/** The text as one line. */
export function escapeLine(text: string): string {
  return escapeControls(text).replaceAll(LINE_CONTROLS, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
