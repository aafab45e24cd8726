/**
 * Patterns that are regular expressions of ECMAScript only without the flag `u`, such as `[\w-\.]`, in the spelling that has
 * their meaning (ECMA-262, Annex B.1.2) with it. JSON Schema wants Unicode mode (2020-12 Core, section 6.4). Leaves those
 * alone whose authors may have meant something else: `a{,3}`, `\p{L}` beside what is wrong, `[\d-a-z]`.
 */

/** Null: it has none, or there is doubt about what is meant. */
export function inUnicodeMode(pattern: string): string | null {
  if (!isRegex(pattern, "") || /\\[pPuxk]\{|\{,\d*\}/.test(pattern)) return null;
  const respelled = new Respelling(pattern).text();
  return respelled !== null && isRegex(respelled, "u") ? respelled : null;
}

function isRegex(pattern: string, flags: "" | "u"): boolean {
  try {
    new RegExp(pattern, flags);
    return true;
  } catch {
    return false;
  }
}

/** What Unicode mode lets a backslash stand before, of characters that are neither letters nor digits. */
const SYNTAX = "^$\\.*+?()[]{}|/";
const CLASS_ESCAPE = /^\\[dDsSwW]/;
/** One member of a class, with what may come behind the backslash. */
const CLASS_ATOM = /^(?:\\(?:u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|c[A-Za-z]|[\s\S])|[^\]])/;

class Respelling {
  readonly #pattern: string;
  #at = 0;

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  /** Null: something in a class can be read in two ways. */
  text(): string | null {
    let out = "";
    while (this.#at < this.#pattern.length) {
      const part = this.#next === "[" ? this.#class() : this.#atom();
      if (part === null) return null;
      out += part;
    }
    return out;
  }

  get #next(): string {
    return this.#pattern.charAt(this.#at);
  }

  get #rest(): string {
    return this.#pattern.slice(this.#at);
  }

  #atom(): string {
    const [quantifier] = /^\{\d+(?:,\d*)?\}/.exec(this.#rest) ?? [];
    if (quantifier !== undefined) return this.#take(quantifier.length);
    if (this.#next === "\\") return withoutNeedlessBackslash(this.#take(2), SYNTAX);
    const one = this.#take(1);
    return "{}]".includes(one) ? `\\${one}` : one;
  }

  #class(): string | null {
    let out = this.#take(this.#rest.startsWith("[^") ? 2 : 1);
    let before: string | null = null;
    for (;;) {
      const [atom] = CLASS_ATOM.exec(this.#rest) ?? [];
      if (atom === undefined) return out + this.#take(1);
      this.#take(atom.length);
      const isDash = atom === "-" && before !== null && this.#next !== "]";
      if (isDash && (CLASS_ESCAPE.test(before ?? "") || CLASS_ESCAPE.test(this.#rest))) {
        // `[\d-a-z]` is "a", "-" and "z" by Annex B, where its author means a range.
        const [end = ""] = CLASS_ATOM.exec(this.#rest) ?? [];
        if (/^-[^\]]/.test(this.#rest.slice(end.length)) && !CLASS_ESCAPE.test(end)) return null;
        out += "\\-";
      } else {
        out += withoutNeedlessBackslash(atom, `${SYNTAX}-`);
      }
      before = atom;
    }
  }

  #take(length: number): string {
    const taken = this.#pattern.slice(this.#at, this.#at + length);
    this.#at += length;
    return taken;
  }
}

function withoutNeedlessBackslash(atom: string, syntax: string): string {
  const escaped = atom.startsWith("\\") ? atom.slice(1) : "";
  return escaped.length === 1 && !/[A-Za-z0-9]/.test(escaped) && !syntax.includes(escaped) ? escaped : atom;
}
