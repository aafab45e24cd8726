/**
 * JSON as bodies and parameters hold it: parsed, and refused where readers differ in what they take from it: two members
 * of one name, and numbers that no double holds. Shows nothing of the text.
 */
import type { ProblemItem } from "@latchkey/core";
import { hasInt64Edge, withInt64Edge } from "./int64.js";
import { countKeys, countMembers, findOutOfRange, findRepeatedMember, OUT_OF_RANGE } from "./json-members.js";

export interface JsonProblem {
  /** It is no JSON, or JSON that readers differ in; else a value that fits no schema. */
  readonly isMalformed: boolean;
  readonly pointer: string;
  readonly detail: string;
}

export type ReadJson = { readonly value: unknown } | { readonly problem: JsonProblem };

const utf8 = new TextDecoder("utf-8", { fatal: true });

export function readJson(bytes: Uint8Array): ReadJson {
  let value: unknown;
  try {
    value = parsed(utf8.decode(bytes));
  } catch (error) {
    return { problem: { isMalformed: true, pointer: "", detail: syntaxDetail(error) } };
  }
  const keys = countKeys(value);
  if (keys === OUT_OF_RANGE) {
    const detail = "The number is out of the range of a double.";
    return { problem: { isMalformed: false, pointer: findOutOfRange(value) ?? "", detail } };
  }
  // Readers of JSON differ in which of two members of one name they take.
  if (countMembers(bytes) !== keys) {
    const pointer = findRepeatedMember(utf8.decode(bytes)) ?? "";
    return { problem: { isMalformed: true, pointer, detail: "The member is there more than once." } };
  }
  return { value };
}

/** JSON within a form that readers would take different values from. */
export class AmbiguousJson extends Error {
  override readonly name = "AmbiguousJson";
}

/** The value of a text that may be JSON; null: it is none. @throws AmbiguousJson */
export function jsonWithin(text: string): { readonly value: unknown } | null {
  let value: unknown;
  try {
    value = parsed(text);
  } catch {
    return null;
  }
  const read = readJson(Buffer.from(text));
  if ("problem" in read && read.problem.isMalformed) throw new AmbiguousJson(read.problem.detail);
  return { value };
}

/** @throws SyntaxError */
function parsed(text: string): unknown {
  const value: unknown = JSON.parse(text);
  return hasInt64Edge(text) ? JSON.parse(withInt64Edge(text)) : value;
}

export function jsonItem({ pointer, detail }: JsonProblem): ProblemItem {
  return { in: "body", pointer, detail };
}

/** Where the text stops being JSON, without showing any of it. */
function syntaxDetail(error: unknown): string {
  const position = error instanceof Error ? /at position (\d+)/.exec(error.message)?.[1] : undefined;
  if (error instanceof TypeError) return "The body is not valid UTF-8.";
  return position === undefined
    ? "The body is not valid JSON."
    : `The body is not valid JSON at character ${position}.`;
}
