/**
 * Checks a request against its operation: 415 for a content type that is not taken, 400 for a body that cannot be read,
 * 422 for what does not fit a schema, each with JSON pointers. Compiled once, then synchronous.
 * Never changes the request: what is forwarded is what came in.
 */
import type { IngressErrorCode, ProblemItem } from "@latchkey/core";
import { type Found, foundIn, NOTHING, pointerTo } from "./check-item.js";
import type { FormReading } from "./form-body.js";
import { AmbiguousJson, jsonItem, readJson } from "./json-text.js";
import { accepts, parseMediaType } from "./media-type.js";
import { readParts } from "./multipart.js";
import { type CheckedBody, checkedBody, type OperationParts } from "./operation-parts.js";
import type { Malformed, Parameter } from "./parameter.js";
import { cookiesOf, PAIRS_MAX, pairsOf, UNDECODABLE_NAME } from "./parameter-styles.js";
import { ISSUES_MAX, meter, notCompiled } from "./schema-compiler.js";
import { TooMuchWork, type WorkBudget } from "./work-meter.js";

export interface RequestRefusal {
  readonly code: Extract<
    IngressErrorCode,
    | "request.media_type_unsupported"
    | "request.body_malformed"
    | "request.schema_mismatch"
    | "request.malformed"
  >;
  readonly errors: readonly ProblemItem[];
}

export interface RequestHead {
  /** Upper case. */
  readonly method: string;
  /** Header values, null when absent. */
  readonly contentType: string | null;
  readonly contentEncoding: string | null;
  /** Without "?". */
  readonly query: string;
  /** Name in the pattern → percent-encoded text as in the path. */
  readonly path: readonly (readonly [name: string, text: string])[];
  /** All headers, flat: names in lower case and values. */
  readonly headers: readonly string[];
  /** A body will follow, be it empty in the end. */
  readonly hasBody: boolean;
}

/** `later`: this takes longer than the requests of others can wait. */
export type InlineVerdict = RequestRefusal | null | "later";

/** Bodies up to this size get all issues listed; larger ones the first. */
export const FIND_ALL_BYTES_MAX = 64 * 1024;

/** Gives up, with "later", what costs more than its budget. */
export class RequestValidator {
  readonly #parts: OperationParts;
  readonly #budget: WorkBudget;
  readonly #bodyBytesMax: number;
  /** The content type that came last, and what a body of it is held to: most requests have the same. */
  #lastType: string | null = null;
  #lastBody: CheckedBody | null = null;

  constructor(parts: OperationParts, budget: WorkBudget, bodyBytesMax: number) {
    this.#parts = parts;
    this.#budget = budget;
    this.#bodyBytesMax = bodyBytesMax;
  }

  /** Path, query, headers, cookies and content type: before any of the body is read. Null: go on. */
  checkHead(head: RequestHead): InlineVerdict {
    return this.#checkContentType(head) ?? this.#checkParameters(head);
  }

  /** Whether the body has to be read whole and given to `checkBody`, instead of being streamed. */
  needsBody(head: RequestHead): boolean {
    return head.hasBody ? this.#bodyOf(head) !== null : this.#parts.bodyRequired;
  }

  /** Null: it fits. */
  checkBody(head: RequestHead, bytes: Uint8Array): InlineVerdict {
    if (bytes.length === 0 && !this.#parts.bodyRequired) return null;
    const body = this.#bodyOf(head);
    // A form without a field is written as nothing.
    if (bytes.length === 0 && body?.read !== "urlencoded") return malformedBody("", "A body is required.");
    if (body === null) return null;
    if (body.schema === notCompiled || bytes.length > this.#bodyBytesMax) return "later";
    if (body.read === "json") return this.#checkJson(body, bytes);
    return body.read === "urlencoded" ? this.#checkPairs(body, bytes) : this.#checkParts(body, head, bytes);
  }

  #checkJson({ schema }: CheckedBody, bytes: Uint8Array): InlineVerdict {
    const read = readJson(bytes);
    if ("problem" in read) {
      const { problem } = read;
      return refuse(problem.isMalformed ? "request.body_malformed" : "request.schema_mismatch", [
        jsonItem(problem),
      ]);
    }
    meter.start(this.#budget);
    return mismatch(foundIn(schema, [read.value], "body", "", bytes.length <= FIND_ALL_BYTES_MAX));
  }

  #checkPairs(body: CheckedBody, bytes: Uint8Array): InlineVerdict {
    return this.#checkForm(body, bytes.length, () => {
      const pairs = pairsOf(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1"));
      if (pairs === null) return unread(`A form has at most ${PAIRS_MAX} values.`);
      // Another reader might make a name of it that the schema has.
      if (pairs.has(UNDECODABLE_NAME)) return unread("A name cannot be decoded.");
      return body.form().fromPairs(pairs);
    });
  }

  #checkParts(body: CheckedBody, { contentType }: RequestHead, bytes: Uint8Array): InlineVerdict {
    return this.#checkForm(body, bytes.length, () => {
      const parts = readParts(contentType ?? "", bytes);
      return parts === null
        ? unread("The body is no form of multipart/form-data.")
        : body.form().fromParts(parts);
    });
  }

  #checkForm({ schema }: CheckedBody, length: number, read: () => FormReading): InlineVerdict {
    meter.start(this.#budget);
    let reading: FormReading;
    try {
      reading = read();
    } catch (error) {
      if (error instanceof TooMuchWork) return "later";
      if (error instanceof AmbiguousJson) return malformedBody("", error.message);
      throw error;
    }
    if (!("values" in reading)) {
      const { property, detail, isMalformed } = reading;
      return refuse(isMalformed ? "request.body_malformed" : "request.schema_mismatch", [
        { in: "body", pointer: property === null ? "" : pointerTo(property), detail },
      ]);
    }
    return mismatch(foundIn(schema, reading.values, "body", "", length <= FIND_ALL_BYTES_MAX));
  }

  #bodyOf({ contentType }: RequestHead): CheckedBody | null {
    if (contentType === null) return null;
    if (contentType === this.#lastType) return this.#lastBody;
    const type = parseMediaType(contentType);
    this.#lastBody = type === null ? null : checkedBody(this.#parts.content, type);
    this.#lastType = contentType;
    return this.#lastBody;
  }

  #checkContentType(head: RequestHead): RequestRefusal | null {
    const { content } = this.#parts;
    if (!head.hasBody || content.length === 0) return null;
    const type = head.contentType === null ? null : parseMediaType(head.contentType);
    const list = content.map(({ range }) => range).join(", ");
    if (type === null) return unsupported(`A content type is required: ${list}.`);
    if (!content.some(({ range }) => accepts(range, type.essence)))
      return unsupported(`Accepted are: ${list}.`);
    if (checkedBody(content, type) === null) return null;
    // What cannot be read cannot be checked, and is not let through unchecked.
    if (type.charset !== null && type.charset !== "utf-8" && type.charset !== "utf8")
      return unsupported("The body is accepted in UTF-8 only.");
    const encoding = head.contentEncoding?.trim().toLowerCase() ?? "identity";
    return encoding === "identity" || encoding === ""
      ? null
      : unsupported("The body must not be compressed.", "content-encoding");
  }

  #checkParameters(head: RequestHead): InlineVerdict {
    meter.start(this.#budget);
    const items: ProblemItem[] = [];
    try {
      const verdict =
        this.#checkPath(head, items) ?? this.#checkQuery(head, items) ?? this.#checkHeaders(head, items);
      if (verdict !== null) return verdict;
    } catch (error) {
      if (error instanceof TooMuchWork) return "later";
      throw error;
    }
    return items.length === 0 ? null : refuse("request.schema_mismatch", items.slice(0, ISSUES_MAX));
  }

  #checkPath({ path }: RequestHead, items: ProblemItem[]): InlineVerdict {
    const parameters = this.#parts.path;
    if (parameters.size === 0) return null;
    for (const [name, text] of path) {
      const verdict = add(parameters.get(name)?.checkPath(text) ?? NOTHING, "path", items);
      if (verdict !== null) return verdict;
    }
    return null;
  }

  #checkQuery({ query }: RequestHead, items: ProblemItem[]): InlineVerdict {
    const { query: parameters, queryNames } = this.#parts;
    if (parameters.length === 0) return null;
    const pairs = pairsOf(query);
    if (pairs === null) return malformed("query", "", `A query has at most ${PAIRS_MAX} values.`);
    for (const parameter of parameters) {
      const verdict = add(parameter.checkPairs(pairs, queryNames), "query", items);
      if (verdict !== null) return verdict;
    }
    return null;
  }

  #checkHeaders({ headers }: RequestHead, items: ProblemItem[]): InlineVerdict {
    const { headers: parameters, cookies, cookieNames } = this.#parts;
    if (parameters.length > 0) {
      const verdict = checkLines(parameters, headers, items);
      if (verdict !== null) return verdict;
    }
    if (cookies.length === 0) return null;
    const pairs = cookiesOf(linesOf(headers, "cookie") ?? []);
    for (const cookie of cookies) {
      const verdict = add(cookie.checkPairs(pairs, cookieNames), "cookie", items);
      if (verdict !== null) return verdict;
    }
    return null;
  }
}

/** Header parameters against header lines. */
export function checkLines(
  parameters: readonly Parameter[],
  headers: readonly string[],
  items: ProblemItem[],
): InlineVerdict {
  for (const parameter of parameters) {
    const verdict = add(parameter.checkLines(linesOf(headers, parameter.name)), "header", items);
    if (verdict !== null) return verdict;
  }
  return null;
}

/** Undefined: there is none. @param headers flat, names in lower case */
function linesOf(headers: readonly string[], name: string): readonly string[] | undefined {
  let lines: string[] | undefined;
  for (let i = 0; i < headers.length; i += 2)
    if (headers[i] === name) {
      lines ??= [];
      lines.push(headers[i + 1] as string);
    }
  return lines;
}

function add(found: Found | Malformed, place: ProblemItem["in"], items: ProblemItem[]): InlineVerdict {
  if (found === NOTHING) return null;
  if (found === "later") return "later";
  if ("malformed" in found) return malformed(place, found.malformed, "The value cannot be decoded.");
  for (const item of found) items.push(item);
  return null;
}

function mismatch(found: Found): InlineVerdict {
  if (found === "later") return found;
  return found.length === 0 ? null : refuse("request.schema_mismatch", found);
}

function malformed(place: ProblemItem["in"], pointer: string, detail: string): RequestRefusal {
  return refuse("request.malformed", [{ in: place, pointer, detail }]);
}

function unread(detail: string): FormReading {
  return { property: null, detail, isMalformed: true };
}

function malformedBody(pointer: string, detail: string): RequestRefusal {
  return refuse("request.body_malformed", [{ in: "body", pointer, detail }]);
}

function refuse(code: RequestRefusal["code"], errors: readonly ProblemItem[]): RequestRefusal {
  return { code, errors };
}

const costly = (place: "body" | "query"): RequestRefusal =>
  refuse("request.schema_mismatch", [
    { in: place, pointer: "", detail: "It would take too long to check this." },
  ]);
/** For a head, and a body, whose check was given up. */
export const costlyHead = costly("query");
export const costlyBody = costly("body");

function unsupported(detail: string, header = "content-type"): RequestRefusal {
  return refuse("request.media_type_unsupported", [{ in: "header", pointer: pointerTo(header), detail }]);
}
