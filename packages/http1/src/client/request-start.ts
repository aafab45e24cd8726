// How the heads of requests to one origin begin: request line, host, and the lines that many requests have. Where
// it is the same as that of the last request, its bytes are copied and not written and looked at again.

import { AdmissionFilter } from "../codec/admission-filter.js";
import type { Fields } from "../codec/fields.js";
import { hasLines, isVisible } from "../codec/head-check.js";
import { viewOf, type WordBuffer, wordBuffer } from "../codec/word-buffer.js";

/** Longer ones are not kept. */
const BYTES_MAX = 4_096;

export class LastRequestStart {
  #bytes: Uint8Array | null = null;
  #method = "";
  #path = "";
  /** Texts of the shared headers. */
  readonly #texts: string[] = [];
  readonly #admission = new AdmissionFilter();

  /** @returns its bytes, which were looked at and are never changed; null when the one that is kept is another one */
  find(method: string, path: string, sharedHeaders: readonly Fields[]): Uint8Array | null {
    const texts = this.#texts;
    // A path that was just joined is made one piece by a comparison.
    if (this.#bytes === null || !this.#admission.isWorthComparing()) return null;
    if (this.#path !== path || this.#method !== method) return null;
    if (texts.length !== sharedHeaders.length) return null;
    for (let i = 0; i < texts.length; i++) if (sharedHeaders[i]!.derived !== texts[i]) return null;
    this.#admission.hit();
    return this.#bytes;
  }

  /**
   * A start that was not found, if it is worth keeping.
   * @param text of `lines` lines, the last one without its end
   */
  keep(method: string, path: string, sharedHeaders: readonly Fields[], text: string, lines: number): void {
    for (let i = 0; i < sharedHeaders.length; i++) if (typeof sharedHeaders[i]!.derived !== "string") return;
    if (!this.#admission.admitsMiss() || text.length > BYTES_MAX) return;
    const { length } = text;
    const written = wordBuffer((length + 7) & ~3);
    written.bytes.write(text, 0, length, "latin1");
    const targetFrom = method.length + 1;
    if (!isClean(written, length, lines - 1, targetFrom, targetFrom + path.length)) return;
    this.#bytes = viewOf(written, 0, length);
    this.#method = method;
    this.#path = path;
    this.#texts.length = 0;
    for (let i = 0; i < sharedHeaders.length; i++) this.#texts.push(sharedHeaders[i]!.derived as string);
  }
}

function isClean(
  text: WordBuffer,
  length: number,
  lineEnds: number,
  targetFrom: number,
  targetTo: number,
): boolean {
  return hasLines(text, 0, length, lineEnds) && isVisible(text.bytes, targetFrom, targetTo);
}
