/**
 * Keeps the words of CONTRIBUTING.md: what this code base used to call by names of its own is called by the field's. Old uses
 * that are left are counted: a count may only fall (lower it here when it does).
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");

interface Word {
  readonly word: RegExp;
  readonly write: string;
  /** Uses that are left. */
  readonly left: number;
}

const words: readonly Word[] = [
  { word: /answer/gi, write: "response", left: 0 },
  { word: /heritage/gi, write: "previous state", left: 0 },
  { word: /rehears/gi, write: "dry run", left: 0 },
  { word: /disposers/gi, write: "cleanup", left: 0 },
  { word: /good-bye/gi, write: "lingering close", left: 0 },
  { word: /field.?section/gi, write: "header block", left: 0 },
  { word: /put aside/gi, write: "quarantined", left: 0 },
  { word: /vouch/gi, write: "what is checked, by whom", left: 0 },
  { word: /somebody|whoever/gi, write: "who it is: the client, an operator, the caller", left: 16 },
  { word: /\b(?:is|are|was|were) told\b/gi, write: "what it receives", left: 6 },
  { word: /held.?request/gi, write: "buffered request", left: 0 },
  {
    word: /novelty|presented.?cache|table.?holder/gi,
    write: "admission filter, lookup cache, current table",
    left: 0,
  },
  { word: /\bof then\b|\bis let\b|\blet be\b/gi, write: "a plain sentence", left: 3 },
];

/** The list itself, the page that explains it, history, and text that others wrote or that is generated. */
const exempt = [
  /^CONTRIBUTING\.md$/,
  /^CHANGELOG\.md$/,
  /^bench\/JOURNAL\.md$/,
  /^test\/contract\/words\.test\.ts$/,
  /\/gen\//,
  /^package-lock\.json$/,
  /^proto\/baseline/,
  /\.(?:png|svg|ico|woff2|binpb)$/,
];

const texts = execFileSync("git", ["ls-files", "-z"], { cwd: root, encoding: "utf8" })
  .split("\0")
  .filter((file) => file !== "" && !exempt.some((pattern) => pattern.test(file)))
  .flatMap((file) => {
    try {
      return [{ file, text: readFileSync(join(root, file), "utf8") }];
    } catch {
      return []; // deleted, but not yet from git's index
    }
  });

describe("words", () => {
  it.each(words)("$write is written for $word", ({ word, left }) => {
    const uses = texts
      .map(({ file, text }) => ({ file, count: text.match(word)?.length ?? 0 }))
      .filter(({ count }) => count > 0);
    const total = uses.reduce((sum, { count }) => sum + count, 0);
    const list = uses.map(({ file, count }) => `${count} in ${file}`).join("\n");
    expect(total, `more than the ${left} that were left:\n${list}`).toBeLessThanOrEqual(left);
  });
});
