// Reads every message out of a sequence of pieces with the codec, as the server and the client do, into plain
// values that tests can compare. Used by tests and the fuzz run only; copies freely.

import { BodyDecoder } from "../codec/body-decoder.js";
import type { FaultCode } from "../codec/fault.js";
import { HEAD_INCOMPLETE, HEAD_REFUSED } from "../codec/head-parser.js";
import { RequestParser, type RequestRules } from "../codec/request-parser.js";
import {
  BODY_CHUNKED,
  BODY_FIXED,
  BODY_NONE,
  BODY_UNTIL_CLOSE,
  ResponseParser,
  responseBody,
} from "../codec/response-parser.js";

export const TEST_RULES: RequestRules & {
  readonly bodyBytesMax: number;
  readonly chunkExtensionBytesMax: number;
  readonly trailerBytesMax: number;
} = {
  headBytesMax: 16_384,
  fieldsMax: 100,
  targetBytesMax: 8_192,
  allowConnect: false,
  allowTrace: true,
  bodyBytesMax: 2 ** 40,
  chunkExtensionBytesMax: 4_096,
  trailerBytesMax: 8_192,
};

export interface ReadRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly host: string;
  readonly minorVersion: number;
  readonly headers: readonly string[];
  readonly body: string;
  readonly complete: boolean;
}

export interface ReadResponse {
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly string[];
  readonly body: string;
  readonly complete: boolean;
}

export interface Reading<Message> {
  readonly messages: readonly Message[];
  readonly fault: FaultCode | null;
  /** Bytes of the sequence that were taken when it ended or broke. */
  readonly taken: number;
}

/** Keeps the codec from changing what the caller holds: the decoder may move bytes of its buffer. */
const scratch = (pieces: readonly Uint8Array[]): Buffer[] => pieces.map((piece) => Buffer.from(piece));

export function readRequests(pieces: readonly Uint8Array[], rules = TEST_RULES): Reading<ReadRequest> {
  const parser = new RequestParser(rules);
  const decoder = new BodyDecoder(rules);
  const messages: ReadRequest[] = [];
  let inBody = false;
  let body = "";
  let taken = 0;
  const push = (complete: boolean): void => {
    const { method, path, query, host, minorVersion, headers } = parser;
    messages.push({ method, path, query, host, minorVersion, headers, body, complete });
    body = "";
  };
  for (const piece of scratch(pieces)) {
    let pos = 0;
    while (pos < piece.length) {
      if (!inBody) {
        const after = parser.parse(piece, pos, piece.length);
        if (after === HEAD_REFUSED) return { messages, fault: parser.fault, taken };
        if (after === HEAD_INCOMPLETE) {
          taken += piece.length - pos;
          break;
        }
        taken += after - pos;
        pos = after;
        inBody = true;
        if (parser.chunked) decoder.startChunked();
        else decoder.startFixed(Math.max(0, parser.contentLength));
      } else {
        const after = decoder.decode(piece, pos, piece.length);
        body += piece.toString("latin1", decoder.from, decoder.to);
        taken += after - pos;
        pos = after;
      }
      if (decoder.fault !== null) {
        push(false);
        return { messages, fault: decoder.fault, taken };
      }
      if (inBody && decoder.done) {
        push(true);
        parser.reset();
        inBody = false;
      }
    }
  }
  if (inBody) push(false);
  return { messages, fault: null, taken };
}

/** One final response, interim ones dropped. The end of the pieces is the end of the connection. */
export function readResponse(
  pieces: readonly Uint8Array[],
  toHead = false,
  rules = TEST_RULES,
): Reading<ReadResponse> {
  const parser = new ResponseParser(rules);
  const decoder = new BodyDecoder(rules);
  let framing = -1;
  let body = "";
  let taken = 0;
  const finish = (complete: boolean, fault: FaultCode | null): Reading<ReadResponse> => {
    const { status, statusText, headers } = parser;
    const messages = framing < 0 ? [] : [{ status, statusText, headers, body, complete }];
    return { messages, fault, taken };
  };
  for (const piece of scratch(pieces)) {
    let pos = 0;
    while (pos < piece.length) {
      if (framing < 0) {
        const after = parser.parse(piece, pos, piece.length);
        if (after === HEAD_REFUSED) return finish(false, parser.fault);
        if (after === HEAD_INCOMPLETE) {
          taken += piece.length - pos;
          break;
        }
        taken += after - pos;
        pos = after;
        if (parser.status < 200) {
          if (parser.status === 101) return finish(false, "upgrade_unasked");
          parser.reset();
          continue;
        }
        framing = responseBody(parser.toHead(), toHead);
        if (framing === BODY_FIXED) decoder.startFixed(parser.contentLength);
        else if (framing === BODY_CHUNKED) decoder.startChunked();
        else if (framing === BODY_UNTIL_CLOSE) decoder.startUntilClose();
        if (framing === BODY_NONE) return finish(true, null);
      } else {
        const after = decoder.decode(piece, pos, piece.length);
        body += piece.toString("latin1", decoder.from, decoder.to);
        taken += after - pos;
        pos = after;
      }
      if (decoder.fault !== null) return finish(false, decoder.fault);
      if (decoder.done) return finish(true, null);
    }
  }
  return finish(framing === BODY_UNTIL_CLOSE, null);
}

/** Every way to cut `bytes` in two, and one byte at a time. */
export function* splits(bytes: Uint8Array): Generator<Uint8Array[]> {
  for (let at = 1; at < bytes.length; at++) yield [bytes.subarray(0, at), bytes.subarray(at)];
  yield Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
}

/** Test cases with a name short enough to print. */
export function named<Code extends string>(
  cases: readonly (readonly [Code, string])[],
): (readonly [Code, string, string])[] {
  return cases.map(([code, raw]) => [code, JSON.stringify(raw).slice(0, 90), raw] as const);
}
