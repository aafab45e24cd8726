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
import { maskedBody, maskedHeaders, maskedTarget, RequestSecrets } from "./recorded-text.js";

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

  part({ target, headers }: Head, mask: readonly MaskPath[], secrets: RequestSecrets): RecordedPart {
    const isTruncated = this.#isTruncated;
    const isEmpty = this.#bytes === 0 && !isTruncated;
    const body = isEmpty
      ? ""
      : maskedBody(Buffer.concat(this.#pieces), headers, isTruncated, { mask, secrets });
    const kept = isTruncated ? RecordedBodyState.TRUNCATED : RecordedBodyState.WHOLE;
    return {
      headers: maskedHeaders(headers, secrets),
      target: maskedTarget(target, mask, secrets),
      body: body ?? "",
      bodyState: body === null ? RecordedBodyState.OMITTED : kept,
    };
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
  sent({ path, headers, sharedHeaders = [] }: UpstreamRequest, login: Login | null): void {
    // A copy: the next attempt writes into the same list.
    this.#sentHead = { target: path, headers: sharedHeaders.flatMap(({ list }) => list).concat(headers) };
    this.#receivedHead = null;
    if (login === null) return;
    const secretHeaders: SharedHeaders[] = [];
    login.pushHeaders(secretHeaders);
    for (const { list } of secretHeaders) this.#secrets.addCredentialHeaders(list);
    this.#secrets.addCredentialQuery(login.query(""));
  }

  /** @param headers as the integration sent them, flat */
  received(headers: readonly string[]): void {
    this.#receivedHead = { target: "", headers };
  }

  /** @param headers as the client gets them, flat, without what the front adds: interchange id and framing */
  responseHead(headers: readonly string[]): void {
    this.#responseHead = { target: "", headers };
  }

  responseData(chunk: Uint8Array): void {
    this.#response.add(chunk);
  }

  /** Once the request is over. @param request as the client sent it */
  content(request: Head): RecordedContent {
    const secrets = this.#secrets;
    const { mask } = this.#rules;
    const response = this.#responseHead;
    for (const head of [request, this.#sentHead, this.#receivedHead, response])
      secrets.addHeaders(head?.headers ?? []);
    const mark = request.target.indexOf("?");
    if (mark >= 0) secrets.addParameters(request.target.slice(mark + 1));
    return {
      request: this.#request.part(request, mask, secrets),
      response: response === null ? undefined : this.#response.part(response, mask, secrets),
      upstreamRequest: maskedHead(this.#sentHead, mask, secrets),
      upstreamResponse: maskedHead(this.#receivedHead, mask, secrets),
    };
  }

  /** The request is over. */
  release(): void {
    this.#request.clear();
    this.#response.clear();
  }
}

function maskedHead(
  head: Head | null,
  mask: readonly MaskPath[],
  secrets: RequestSecrets,
): RecordedHead | undefined {
  if (head === null) return undefined;
  return { headers: maskedHeaders(head.headers, secrets), target: maskedTarget(head.target, mask, secrets) };
}
