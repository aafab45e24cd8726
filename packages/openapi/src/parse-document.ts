/**
 * Text, or a value that was parsed elsewhere, to a JSON object of bounded size and depth. Refuses alias
 * bombs, cycles and what is no JSON. Reads no file and follows no reference.
 */
import { err, ok, pointerToken, type Result } from "@latchkey/core";
import {
  isMap,
  isScalar,
  Lexer,
  type ParsedNode,
  parseDocument as parseYaml,
  visit,
  type Document as YamlDocument,
} from "yaml";
import type { ReportCode } from "./import-report.js";
import { cleanJson, isObject, JSON_DEPTH_MAX, type JsonObject } from "./json.js";
import { placeAt, type TextPlace } from "./text-place.js";

export interface DocumentLimits {
  /** UTF-8 bytes of the text. Default: 16 MiB. */
  readonly bytesMax: number;
  /** Values, counted as often as they are used: an alias counts what it stands for. Default: 4,000,000. */
  readonly nodesMax: number;
  /** Nesting. Default and upper bound: 128. */
  readonly depthMax: number;
}

export const defaultDocumentLimits: DocumentLimits = {
  bytesMax: 16 * 1024 * 1024,
  nodesMax: 4_000_000,
  depthMax: JSON_DEPTH_MAX,
};

export interface ParseRefusal {
  readonly code: Extract<ReportCode, `document.${string}`>;
  readonly message: string;
  /** Of a fault of the text, where it is known. */
  readonly place?: TextPlace;
}

/** YAML's own guard: how many nodes aliases may stand for before it gives up. */
const ALIASES_MAX = 1000;

export function parseDocument(
  input: string | JsonObject,
  limits: DocumentLimits = defaultDocumentLimits,
): Result<JsonObject, ParseRefusal> {
  let value: unknown = input;
  if (typeof input === "string") {
    const bytes = Buffer.byteLength(input, "utf8");
    if (bytes > limits.bytesMax) {
      return refuse(
        "document.too_large",
        `The document has ${bytes} bytes; at most ${limits.bytesMax} are read.`,
      );
    }
    const parsed = parseText(input.startsWith("\ufeff") ? input.slice(1) : input);
    if (!parsed.ok) return parsed;
    value = parsed.value;
  }
  const depthMax = Math.min(limits.depthMax, JSON_DEPTH_MAX);
  const counter = { left: limits.nodesMax };
  if (!fits(value, depthMax, counter)) {
    return counter.left < 0
      ? refuse("document.too_large", `The document holds more than ${limits.nodesMax} values.`)
      : refuse(
          "document.too_deep",
          `The document is nested deeper than ${depthMax} levels, or holds itself.`,
        );
  }
  const infinite = infiniteAt(value, "");
  if (infinite !== null)
    return refuse("document.malformed", `The number at ${infinite || "the top"} is too large, or is none.`);
  const json = cleanJson(value);
  if (!isObject(json)) return refuse("document.malformed", "The document is not an object.");
  return ok(json);
}

function parseText(text: string): Result<unknown, ParseRefusal> {
  const isJson = /^\s*(?:[{[]|\/[/*])/.test(text);
  try {
    if (isJson) return ok(JSON.parse(text));
  } catch (error) {
    const comment = jsonCommentAt(text);
    if (comment !== null)
      return refuse(
        "document.malformed",
        "The document is no JSON: JSON has no comments. Remove it, or send YAML, whose comments start with `#`.",
        placeAt(text, comment),
      );
    // `{` also opens a YAML flow mapping, but then the first complaint is the better one.
    const yaml = parseYamlText(text);
    if (yaml.ok) return yaml;
    const message = messageOf(error);
    const [, offset] = /at position (\d+)/.exec(message) ?? [];
    const place = offset === undefined ? yaml.error.place : placeAt(text, Number(offset));
    return refuse("document.malformed", `The document is no JSON: ${message}`, place);
  }
  return parseYamlText(text);
}

/** Where text that is JSON up to there has a comment, which YAML would take for a part of a key or value; null: nowhere. */
function jsonCommentAt(text: string): number | null {
  const token = /[\s{}[\],:]+|"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*|true|false|null/y;
  let at = 0;
  while (token.test(text)) at = token.lastIndex;
  return /^\/[/*]/.test(text.slice(at, at + 2)) ? at : null;
}

/**
 * Tokens of YAML that are parsed, about 16 MB of a usual document, which take 10 s of CPU time (document-threads.ts). JSON of
 * the same size takes a hundredth of that and has no such limit.
 */
const YAML_TOKENS_MAX = 4_000_000;

/** Counts and nests, before the parser, which is slow on what is nested without end. */
function checkTokens(text: string, depthMax: number): ParseRefusal | null {
  let tokens = 0;
  let flowDepth = 0;
  let indicatorsInLine = 0;
  for (const token of new Lexer().lex(text)) {
    if (++tokens > YAML_TOKENS_MAX) {
      const message = `The YAML has more than ${YAML_TOKENS_MAX} tokens; send the document as JSON.`;
      return { code: "document.too_large", message };
    }
    if (token === "[" || token === "{") flowDepth++;
    else if (token === "]" || token === "}") flowDepth--;
    else if (token === "-" || token === "?" || token === ":") indicatorsInLine++;
    else if (token.startsWith("\n")) indicatorsInLine = 0;
    // In flow collections a line may hold any number of pairs.
    if (flowDepth > depthMax || (flowDepth === 0 && indicatorsInLine > depthMax)) {
      return { code: "document.too_deep", message: `The YAML is nested deeper than ${depthMax} levels.` };
    }
    if (flowDepth > 0) indicatorsInLine = 0;
  }
  return null;
}

function parseYamlText(text: string): Result<unknown, ParseRefusal> {
  try {
    const refusal = checkTokens(text, JSON_DEPTH_MAX);
    if (refusal !== null) return err(refusal);
    // The library compares each key with each other; `duplicateKey` does it in one pass.
    const document = parseYaml(text, {
      merge: true, // `<<` is YAML 1.1's, and the tools that write OpenAPI use it
      uniqueKeys: false,
      logLevel: "error", // "silent" would read the first of several documents, and nobody would know of the others
      prettyErrors: true,
    });
    const problem = document.errors[0];
    if (problem !== undefined)
      return refuse(
        "document.malformed",
        problem.code === "MULTIPLE_DOCS"
          ? "The text has several YAML documents (`---`): send one."
          : `The document is no YAML: ${messageOf(problem)}`,
        placeAt(text, problem.pos[0]),
      );
    const duplicate = duplicateKey(document.contents);
    if (duplicate !== null) {
      return refuse(
        "document.malformed",
        `The key ${JSON.stringify(duplicate.name)} is there twice in one mapping.`,
        placeAt(text, duplicate.offset),
      );
    }
    keepVersionText(document);
    return ok(document.toJS({ maxAliasCount: ALIASES_MAX }));
  } catch (error) {
    if (error instanceof RangeError) {
      return refuse("document.too_deep", "The document is nested too deep to be read.");
    }
    if (error instanceof ReferenceError && /alias/i.test(error.message)) {
      return refuse("document.too_large", "The document's aliases stand for too much.");
    }
    return refuse("document.malformed", `The document is no YAML: ${messageOf(error)}`);
  }
}

/** `version: 1.0` is a number in YAML, and 1.0 in what people mean. */
function keepVersionText(document: YamlDocument): void {
  const version = document.getIn(["info", "version"], true);
  if (isScalar(version) && typeof version.value === "number" && version.source !== undefined)
    version.value = version.source;
}

function duplicateKey(
  contents: ParsedNode | null,
): { readonly name: string; readonly offset: number } | null {
  let found: { readonly name: string; readonly offset: number } | null = null;
  if (contents === null) return null;
  visit(contents, {
    Map(_key, node) {
      if (!isMap(node)) return undefined;
      const seen = new Set<string>();
      for (const { key } of node.items) {
        if (!isScalar(key)) continue;
        const name = String(key.value);
        if (seen.has(name)) {
          found = { name, offset: key.range?.[0] ?? 0 };
          return visit.BREAK;
        }
        seen.add(name);
      }
      return undefined;
    },
  });
  return found;
}

function fits(value: unknown, depthLeft: number, counter: { left: number }): boolean {
  if (--counter.left < 0) return false;
  if (typeof value !== "object" || value === null) return true;
  if (depthLeft === 0) return false;
  for (const item of Object.values(value)) if (!fits(item, depthLeft - 1, counter)) return false;
  return true;
}

/** Where a number is that JSON has no form for, such as the `1e400` that a reader takes for infinity. */
function infiniteAt(value: unknown, pointer: string): string | null {
  if (typeof value === "number") return Number.isFinite(value) ? null : pointer;
  if (typeof value !== "object" || value === null) return null;
  for (const [key, item] of Object.entries(value)) {
    const found = infiniteAt(item, `${pointer}/${pointerToken(key)}`);
    if (found !== null) return found;
  }
  return null;
}

function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  // The place is a field of its own beside the message.
  return (
    text
      .split("\n")[0]
      ?.replace(/ at line \d+, column \d+:?$/, "")
      .slice(0, 200) ?? ""
  );
}

function refuse(code: ParseRefusal["code"], message: string, place?: TextPlace): Result<never, ParseRefusal> {
  return err({ code, message, ...(place !== undefined && { place }) });
}
