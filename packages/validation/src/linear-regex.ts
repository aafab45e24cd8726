/**
 * Patterns of schemas as RE2 automata: matching takes time linear in the text, whatever the pattern.
 * Refuses what RE2 cannot do (look-around, back-references) instead of falling back to a backtracking engine.
 */
import { RE2JS } from "re2js";

/** UTF-16 code units of a pattern, and instructions of its automaton. */
const PATTERN_CHARS_MAX = 1000;
const PROGRAM_SIZE_MAX = 5000;

/** Work for one character and one instruction, at its dearest (a text that keeps all instructions busy). */
const UNITS_PER_STEP = 8;

export interface LinearRegex {
  test(text: string): boolean;
  toString(): string;
}

/**
 * Throws SyntaxError, with a message for the schema's author.
 * @param pay receives the price of a match before it begins, and may throw: matching cannot be interrupted
 */
export function linearRegex(pattern: string, pay: (units: number) => void): LinearRegex {
  if (pattern.length > PATTERN_CHARS_MAX) {
    throw new SyntaxError(`a pattern has at most ${PATTERN_CHARS_MAX} characters`);
  }
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(inRe2Words(pattern));
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^error parsing regexp: /, "") : "";
    throw new SyntaxError(
      `the pattern ${JSON.stringify(pattern)} cannot be matched in linear time (${reason})`,
    );
  }
  const size = compiled.programSize();
  if (size > PROGRAM_SIZE_MAX) {
    throw new SyntaxError(`the pattern ${JSON.stringify(pattern)} is too large`);
  }
  return {
    test: (text) => {
      pay(text.length * size * UNITS_PER_STEP);
      return compiled.test(text);
    },
    toString: () => `linear:${pattern}`,
  };
}

/** ECMAScript spellings that RE2 writes in another way. */
function inRe2Words(pattern: string): string {
  return pattern.replace(
    /\\(?:u\{([0-9A-Fa-f]{1,6})\}|u([0-9A-Fa-f]{4})|c([A-Za-z])|([\s\S]))/g,
    (all, braced, four, control) => {
      const hex = braced ?? four;
      if (hex !== undefined) return `\\x{${hex}}`;
      if (control !== undefined) return `\\x{${(control.charCodeAt(0) % 32).toString(16)}}`;
      return all;
    },
  );
}
