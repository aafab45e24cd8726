/**
 * Headers and bodies of a kept message, encrypted with the control plane's encryption key and bound to their message: what is
 * moved to another row cannot be read. Without a key there are none.
 */
import { DecryptError, type SecretCipher } from "@latchkey/snapshot";
import type { RecordedContentReport } from "../snapshot/node-observer.js";
import type { Message } from "./message.js";

export type MessageContent = RecordedContentReport;

/** Why a kept message has no headers and bodies: not recorded, no room for them, or their key is no longer configured. */
export type MissingContent = "not-recorded" | "no-room" | "unreadable";

/** What names a message: clients may use an interchange id twice. */
export type MessageName = Pick<Message, "interchangeId" | "nodeId" | "atMs">;

/** Null: nothing was recorded, or nothing that could be kept. Empty: there was no room. */
export function encryptContent(cipher: SecretCipher, message: Message): Buffer | null {
  if (message.content === null || !cipher.available) return null;
  if (message.content === "no-room") return Buffer.alloc(0);
  return cipher.encrypt(JSON.stringify(message.content), ownerOf(message));
}

/** @param encrypted as `encryptContent` made it */
export function decryptContent(
  cipher: SecretCipher,
  encrypted: Buffer | null,
  name: MessageName,
): MessageContent | MissingContent {
  if (encrypted === null) return "not-recorded";
  if (encrypted.length === 0) return "no-room";
  try {
    const text = cipher.decrypt(encrypted, ownerOf(name));
    return { ...noHeads, ...(JSON.parse(text) as MessageContent) };
  } catch (error) {
    if (error instanceof DecryptError) return "unreadable";
    throw error;
  }
}

/** What was kept by a release that recorded only what the client sent and got lacks these. */
const noHeads = { upstreamRequest: null, upstreamResponse: null } satisfies Partial<MessageContent>;

/** About so many bytes of memory. */
export function contentBytes({
  request,
  response,
  upstreamRequest,
  upstreamResponse,
}: MessageContent): number {
  let chars = request.body.length + (response?.body.length ?? 0);
  for (const part of [request, response, upstreamRequest, upstreamResponse])
    for (const text of part?.headers ?? []) chars += text.length;
  return 2 * chars;
}

function ownerOf({ interchangeId, nodeId, atMs }: MessageName): string {
  return `message/${interchangeId}/${nodeId}/${atMs}`;
}
