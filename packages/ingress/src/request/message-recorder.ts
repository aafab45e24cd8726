/**
 * Headers and bodies of one request whose API records them, collected up to a bound and masked once the request is over. Of
 * all requests together at most 8 MiB: a body that finds no room is cut.
 */
import type { MaskPath } from "@latchkey/core";
import type { SharedHeaders, UpstreamRequest } from "@latchkey/http1";
import type { RecordingRules } from "../table/recording-rules.js";
import type { Login } from "../upstream-auth/login.js";
import {
  RecordedBodyState,
  type RecordedContent,
  type RecordedHead,
  type RecordedPart,
} from "../usage/request-samples.js";
import { maskedBody, type ReadBody, readBody } from "./recorded-body.js";
import { maskedHeaders, maskedTarget, RequestSecrets } from "./recorded-text.js";

/** Of one body. */
const BODY_BYTES_MAX = 16_384;
const ROOM_BYTES = 8 * 1024 * 1024;

/** Bytes of bodies of all requests under way. */
export class RecordingRoom {
  #left = ROOM_BYTES;

  /** @returns how many of them there is room for */
  take(bytes: number): number {
    const taken = Math.min(bytes, this.#left);
    this.#left -= taken;
    return taken;
  }

  giveBack(bytes: number): void {
    this.#left += bytes;
  }
}

interface Head {
  /** Of a request; empty of a response. */
  readonly method: string;
  /** Path and query of a request; empty of a response. */
  readonly target: string;
  /** Flat. */
  readonly headers: readonly string[];
}

class RecordedBody {
  readonly #room: RecordingRoom;
  #pieces: Buffer[] = [];
  #bytes = 0;
  #isTruncated = false;

  constructor(room: RecordingRoom) {
    this.#room = room;
  }

  add(chunk: Uint8Array): void {
    if (this.#isTruncated) return;
    const bytes = this.#room.take(Math.min(chunk.length, BODY_BYTES_MAX - this.#bytes));
    if (bytes < chunk.length) this.#isTruncated = true;
    if (bytes === 0) return;
    this.#bytes += bytes;
    // A view that dies with the call.
    this.#pieces.push(Buffer.from(chunk.subarray(0, bytes)));
  }

  clear(): void {
    this.#room.giveBack(this.#bytes);
    this.#pieces = [];
    this.#bytes = 0;
    this.#isTruncated = false;
  }

  /** Adds what is secret in it to `secrets`. */
  read({ headers }: Head, mask: readonly MaskPath[], secrets: RequestSecrets): ReadBody {
    const isTruncated = this.#isTruncated;
    if (this.#bytes === 0 && !isTruncated) return { kind: "text", text: "" };
    return readBody(Buffer.concat(this.#pieces), headers, isTruncated, { mask, secrets });
  }

  part(head: RecordedHead, read: ReadBody, secrets: RequestSecrets): RecordedPart {
    const kept = this.#isTruncated ? RecordedBodyState.TRUNCATED : RecordedBodyState.WHOLE;
    const body = read && maskedBody(read, secrets);
    return { ...head, body: body ?? "", bodyState: body === null ? RecordedBodyState.OMITTED : kept };
  }
}

export class MessageRecorder {
  readonly #rules: RecordingRules;
  readonly #secrets: RequestSecrets;
  readonly #request: RecordedBody;
  readonly #response: RecordedBody;
  /** Null: nothing was sent to the integration. */
  #sentHead: Head | null = null;
  /** Null: no response came. */
  #receivedHead: Head | null = null;
  /** Null: no response has begun. */
  #responseHead: Head | null = null;

  /** @param keyHeader in lower case */
  constructor(rules: RecordingRules, room: RecordingRoom, keyHeader: string) {
    this.#rules = rules;
    this.#secrets = new RequestSecrets(keyHeader);
    this.#request = new RecordedBody(room);
    this.#response = new RecordedBody(room);
  }

  requestData(chunk: Uint8Array): void {
    this.#request.add(chunk);
  }

  /** An attempt. @param login null: the integration needs no credentials */
  sent({ method, path, headers, sharedHeaders = [] }: UpstreamRequest, login: Login | null): void {
    // A copy: the next attempt writes into the same list.
    const all = sharedHeaders.flatMap(({ list }) => list).concat(headers);
    this.#sentHead = { method, target: path, headers: all };
    this.#receivedHead = null;
    if (login === null) return;
    const secretHeaders: SharedHeaders[] = [];
    login.pushHeaders(secretHeaders);
    for (const { list } of secretHeaders) this.#secrets.addCredentialHeaders(list);
    this.#secrets.addCredentialQuery(login.query(""));
  }

  /** @param headers as the integration sent them, flat */
  received(headers: readonly string[]): void {
    this.#receivedHead = { method: "", target: "", headers };
  }

  /** @param headers as the client gets them, flat, without what the front adds: interchange id and framing */
  responseHead(headers: readonly string[]): void {
    this.#responseHead = { method: "", target: "", headers };
  }

  responseData(chunk: Uint8Array): void {
    this.#response.add(chunk);
  }

  /** Once the request is over. @param request as the client sent it */
  content(request: Head): RecordedContent {
    const secrets = this.#secrets;
    const { mask } = this.#rules;
    const response = this.#responseHead;
    // First the secrets of every part, then the parts without them.
    for (const head of [request, this.#sentHead, this.#receivedHead, response])
      secrets.addHeaders(head?.headers ?? []);
    const mark = request.target.indexOf("?");
    if (mark >= 0) secrets.addParameters(request.target.slice(mark + 1), mask.length > 0);
    const requestBody = this.#request.read(request, mask, secrets);
    const responseBody = response === null ? null : this.#response.read(response, mask, secrets);
    const masked = (head: Head) => maskedHead(head, mask, secrets);
    return {
      request: this.#request.part(masked(request), requestBody, secrets),
      response: response ? this.#response.part(masked(response), responseBody, secrets) : undefined,
      upstreamRequest: this.#sentHead ? masked(this.#sentHead) : undefined,
      upstreamResponse: this.#receivedHead ? masked(this.#receivedHead) : undefined,
    };
  }

  /** The request is over. */
  release(): void {
    this.#request.clear();
    this.#response.clear();
  }
}

/** With paths of JSON every value of a query is masked: what the paths name may be among them. */
function maskedHead(
  { method, target, headers }: Head,
  mask: readonly MaskPath[],
  secrets: RequestSecrets,
): RecordedHead {
  return {
    method,
    headers: maskedHeaders(headers, secrets),
    target: maskedTarget(target, mask.length > 0, secrets),
  };
}
