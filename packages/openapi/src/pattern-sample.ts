/**
 * A short text that a pattern matches, for samples; null when none is found. Understands what patterns of documents are
 * made of: characters, classes, groups, alternatives, quantifiers and anchors. The same every time.
 */
const REPEATS_MAX = 64;
const CHARS_MAX = 1000;

/** Tried in this order for a class and for `.`. */
const CANDIDATES = ["a", "A", "0", "1", "-", "_", " ", "/", ".", ":", "+", "#", "é", "ß", "中"];

export function patternSample(pattern: string, minLength = 0): string | null {
  let expression: RegExp;
  try {
    expression = new RegExp(pattern, "u");
  } catch {
    return null;
  }
  // More repetitions make it longer, where the pattern has any.
  for (let more = 0; more <= minLength && more <= REPEATS_MAX; more++) {
    const sample = new PatternReader(pattern, more).read();
    if (sample === null) return null;
    if (sample.length >= minLength && expression.test(sample)) return sample;
  }
  return null;
}

class PatternReader {
  readonly #text: string;
  readonly #more: number;
  #at = 0;

  /** @param more repetitions beyond the least */
  constructor(text: string, more: number) {
    this.#text = text;
    this.#more = more;
  }

  read(): string | null {
    const sample = this.#alternatives();
    return sample === null || this.#at < this.#text.length || sample.length > CHARS_MAX ? null : sample;
  }

  /** The first of them. */
  #alternatives(): string | null {
    const first = this.#sequence();
    while (first !== null && this.#text[this.#at] === "|") {
      this.#at++;
      if (this.#sequence() === null) return null;
    }
    return first;
  }

  #sequence(): string | null {
    let sample = "";
    while (this.#at < this.#text.length && !"|)".includes(this.#text.charAt(this.#at))) {
      const atom = this.#atom();
      if (atom === null) return null;
      sample += atom.repeat(this.#repetitions());
      if (sample.length > CHARS_MAX) return null;
    }
    return sample;
  }

  #atom(): string | null {
    const character = String.fromCodePoint(this.#text.codePointAt(this.#at) ?? 0);
    this.#at += character.length;
    switch (character) {
      case "^":
      case "$":
        return "";
      case ".":
        return "a";
      case "(":
        return this.#group();
      case "[":
        return this.#class();
      case "\\":
        return this.#escape();
      default:
        return character;
    }
  }

  #group(): string | null {
    const start = /^\?(?::|<[A-Za-z_]\w*>)/.exec(this.#text.slice(this.#at, this.#at + 80))?.[0] ?? "";
    // Look-around is more than a text.
    if (start === "" && this.#text[this.#at] === "?") return null;
    this.#at += start.length;
    const inner = this.#alternatives();
    if (this.#text[this.#at] !== ")") return null;
    this.#at++;
    return inner;
  }

  #class(): string | null {
    const end = /^(?:\\.|[^\\\]])*\]/su.exec(this.#text.slice(this.#at))?.[0];
    if (end === undefined) return null;
    this.#at += end.length;
    return characterOf(`[${end}`);
  }

  #escape(): string | null {
    const rest = this.#text.slice(this.#at);
    const escaped = /^(?:[pP]\{[^}]{1,40}\}|u\{[0-9a-fA-F]{1,6}\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)/su.exec(
      rest,
    )?.[0];
    if (escaped === undefined || /^[1-9k]/.test(escaped)) return null;
    this.#at += escaped.length;
    return escaped === "b" || escaped === "B" ? "" : characterOf(`\\${escaped}`);
  }

  #repetitions(): number {
    const quantifier = /^(?:[*+?]|\{(\d{1,4})(?:(,)(\d{0,4}))?\})\??/.exec(this.#text.slice(this.#at));
    if (quantifier === null) return 1;
    this.#at += quantifier[0].length;
    const [whole, least, comma, most] = quantifier;
    if (whole.startsWith("?")) return 1;
    if (least === undefined) return Math.max(1, this.#more);
    const max = comma === undefined ? Number(least) : most === "" ? Number.POSITIVE_INFINITY : Number(most);
    return Math.min(Math.max(Number(least), this.#more), max, CHARS_MAX);
  }
}

/** One character that a class or an escape stands for. */
function characterOf(source: string): string | null {
  try {
    const expression = new RegExp(`^${source}$`, "u");
    for (const candidate of CANDIDATES) if (expression.test(candidate)) return candidate;
    for (let code = 0x21; code < 0x2fff; code++) {
      const character = String.fromCharCode(code);
      if (expression.test(character)) return character;
    }
    return null;
  } catch {
    return null;
  }
}
