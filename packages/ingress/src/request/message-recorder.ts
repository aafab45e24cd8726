/**
 * Headers and bodies of one request whose API records them, collected up to a bound and masked once the request is over. Of
 * all requests together at most 8 MiB: a body that finds no room is cut.
 */
import type { MaskPath } from "@latchkey/core";
import type { SharedHeaders } from "@latchkey/http1";
import type { Integration } from "../forward/integration.js";
import type { RecordingRules } from "../table/recording-rules.js";
import { RecordedBodyState, type RecordedContent, type RecordedPart } from "../usage/request-samples.js";
import { maskedBody, maskedHeaders, RequestSecrets } from "./recorded-text.js";

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

  part(headers: readonly string[], mask: readonly MaskPath[], secrets: RequestSecrets): RecordedPart {
    const isTruncated = this.#isTruncated;
    const isEmpty = this.#bytes === 0 && !isTruncated;
    const body = isEmpty
      ? ""
      : maskedBody(Buffer.concat(this.#pieces), headers, isTruncated, { mask, secrets });
    const kept = isTruncated ? RecordedBodyState.TRUNCATED : RecordedBodyState.WHOLE;
    return {
      headers: maskedHeaders(headers, secrets),
      body: body ?? "",
      bodyState: body === null ? RecordedBodyState.OMITTED : kept,
    };
  }
}

export class MessageRecorder {
  readonly #rules: RecordingRules;
  readonly #keyHeader: string;
  readonly #request: RecordedBody;
  readonly #response: RecordedBody;
  /** Null: no response has begun. */
  #responseHeaders: readonly string[] | null = null;

  /** @param keyHeader in lower case */
  constructor(rules: RecordingRules, room: RecordingRoom, keyHeader: string) {
    this.#rules = rules;
    this.#keyHeader = keyHeader;
    this.#request = new RecordedBody(room);
    this.#response = new RecordedBody(room);
  }

  requestData(chunk: Uint8Array): void {
    this.#request.add(chunk);
  }

  /** @param headers as the client gets them, flat */
  responseHead(headers: readonly string[]): void {
    this.#responseHeaders = headers;
  }

  responseData(chunk: Uint8Array): void {
    this.#response.add(chunk);
  }

  /** @param headers of the client, flat @param integration null: the request did not come so far */
  content(headers: readonly string[], integration: Integration | null): RecordedContent {
    const secrets = new RequestSecrets(this.#keyHeader);
    secrets.addHeaders(headers);
    secrets.addHeaders(this.#responseHeaders ?? []);
    const { login } = integration ?? { login: null };
    if (login !== null) {
      const sent: SharedHeaders[] = [];
      login.pushHeaders(sent);
      for (const { list } of sent) for (let i = 1; i < list.length; i += 2) secrets.addValue(list[i] ?? "");
      secrets.addQuery(login.query(""));
    }
    const { mask } = this.#rules;
    return {
      request: this.#request.part(headers, mask, secrets),
      response:
        this.#responseHeaders === null
          ? undefined
          : this.#response.part(this.#responseHeaders, mask, secrets),
    };
  }

  /** The request is over. */
  release(): void {
    this.#request.clear();
    this.#response.clear();
  }
}
