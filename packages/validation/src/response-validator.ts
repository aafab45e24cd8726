/**
 * Checks a response against its operation: status, content type, headers and a JSON body. What it finds shows nothing of
 * the response but names that the schemas hold. Never changes the response.
 */
import { brotliDecompressSync, gunzipSync, inflateSync } from "node:zlib";
import type { ProblemItem } from "@latchkey/core";
import { foundIn } from "./check-item.js";
import { readJson } from "./json-text.js";
import { accepts, bestRange, isJson, parseMediaType } from "./media-type.js";
import { type BodyRange, type OperationParts, type ResponseParts } from "./operation-parts.js";
import { checkLines, FIND_ALL_BYTES_MAX } from "./request-validator.js";
import { ISSUES_MAX, meter, notCompiled } from "./schema-compiler.js";
import { TooMuchWork, type WorkBudget } from "./work-meter.js";

export interface ResponseHead {
  readonly status: number;
  /** Header values, null when absent. */
  readonly contentType: string | null;
  readonly contentEncoding: string | null;
  /** All headers, flat: names in lower case and values. */
  readonly headers: readonly string[];
  /** A body follows, be it empty in the end. */
  readonly hasBody: boolean;
}

export interface ResponseIssue {
  readonly in: "status" | "header" | "body";
  /** RFC 6901; `*` stands for names that are not the schema's. */
  readonly pointer: string;
  readonly detail: string;
}

/** None: it fits. `later`: this takes longer than the requests of others can wait. */
export type ResponseVerdict = readonly ResponseIssue[] | "later";

/** A body whose check was given up. */
export const costlyResponse: readonly ResponseIssue[] = [
  { in: "body", pointer: "", detail: "It would take too long to check this." },
];

export class ResponseValidator {
  readonly #parts: OperationParts;
  readonly #budget: WorkBudget;
  readonly #bodyBytesMax: number;
  /** What a compressed body may come to; 0: it is not decompressed here. */
  readonly #decompressedBytesMax: number;

  constructor(parts: OperationParts, budget: WorkBudget, bodyBytesMax: number, decompressedBytesMax: number) {
    this.#parts = parts;
    this.#budget = budget;
    this.#bodyBytesMax = bodyBytesMax;
    this.#decompressedBytesMax = decompressedBytesMax;
  }

  /** Status, content type and headers. */
  checkHead(head: ResponseHead): ResponseVerdict {
    const { responses } = this.#parts;
    if (responses === null) return [];
    const response = this.#responseTo(head.status);
    if (response === null)
      return [
        { in: "status", pointer: "", detail: `The status ${head.status} is not one of the operation's.` },
      ];
    const issues: ResponseIssue[] = [];
    if (head.hasBody && response.content.length > 0) {
      const type = head.contentType === null ? null : parseMediaType(head.contentType);
      if (type === null || !response.content.some(({ range }) => accepts(range, type.essence)))
        issues.push({
          in: "header",
          pointer: "/content-type",
          detail: `The content type is none of ${response.content.map(({ range }) => range).join(", ")}.`,
        });
    }
    if (response.headers.length === 0) return issues;
    const items: ProblemItem[] = [];
    meter.start(this.#budget);
    try {
      if (checkLines(response.headers, head.headers, items) === "later") return "later";
    } catch (error) {
      if (error instanceof TooMuchWork) return "later";
      throw error;
    }
    for (const { pointer, detail } of items.slice(0, ISSUES_MAX))
      issues.push({ in: "header", pointer, detail });
    return issues;
  }

  /** Whether the body has to be read whole and given to `checkBody`. */
  needsBody(head: ResponseHead): boolean {
    return head.hasBody && (this.#contentOf(head)?.schema ?? null) !== null;
  }

  checkBody(head: ResponseHead, bytes: Uint8Array): ResponseVerdict {
    const content = this.#contentOf(head);
    if (content === null || content.schema === null) return [];
    const isEncoded = !isIdentity(head.contentEncoding);
    if (content.schema === notCompiled || bytes.length > this.#bodyBytesMax) return "later";
    if (isEncoded && this.#decompressedBytesMax === 0) return "later";
    const plain = isEncoded ? decompressed(head.contentEncoding, bytes, this.#decompressedBytesMax) : bytes;
    if (plain === null)
      return [{ in: "body", pointer: "", detail: "The body cannot be decompressed, or is too large then." }];
    const read = readJson(plain);
    if ("problem" in read) return [{ in: "body", pointer: "", detail: read.problem.detail }];
    meter.start(this.#budget);
    const found = foundIn(content.schema, [read.value], "body", "", plain.length <= FIND_ALL_BYTES_MAX);
    if (found === "later") return "later";
    const names = found.length === 0 ? null : content.names();
    return found.map(({ pointer, detail }) => ({
      in: "body",
      pointer: names === null ? "" : knownPointer(pointer, names),
      detail,
    }));
  }

  #contentOf({ status, contentType }: ResponseHead): BodyRange | null {
    const type = contentType === null ? null : parseMediaType(contentType);
    if (type === null || !isJson(type.essence)) return null;
    const response = this.#responseTo(status);
    return response === null ? null : bestRange(response.content, type);
  }

  /** The status itself, else its class, else what is said of all others (OpenAPI 3.1, Responses Object). */
  #responseTo(status: number): ResponseParts | null {
    const { responses } = this.#parts;
    if (responses === null) return null;
    return (
      responses.get(String(status)) ??
      responses.get(`${Math.floor(status / 100)}XX`) ??
      responses.get("default") ??
      null
    );
  }
}

function isIdentity(encoding: string | null): boolean {
  const name = encoding?.trim().toLowerCase() ?? "";
  return name === "" || name === "identity";
}

function decompressed(
  encoding: string | null,
  bytes: Uint8Array,
  maxOutputLength: number,
): Uint8Array | null {
  try {
    switch (encoding?.trim().toLowerCase()) {
      case "gzip":
      case "x-gzip":
        return gunzipSync(bytes, { maxOutputLength });
      case "deflate":
        return inflateSync(bytes, { maxOutputLength });
      case "br":
        return brotliDecompressSync(bytes, { maxOutputLength });
      default:
        return null;
    }
  } catch {
    return null;
  }
}

/** Names that come from the response are none of the log's business: they may be anything. */
function knownPointer(pointer: string, names: ReadonlySet<string>): string {
  return pointer
    .split("/")
    .map((token) => (token === "" || /^\d{1,6}$/.test(token) || names.has(token) ? token : "*"))
    .join("/");
}
