/**
 * Headers and bodies of a kept message, encrypted with the control plane's encryption key and bound to their message: what is
 * moved to another row cannot be read. Without a key there are none.
 */
import { DecryptError, type SecretCipher } from "@latchkey/snapshot";
import type { RecordedContentReport } from "../snapshot/node-observer.js";
import type { Message } from "./message.js";

export type MessageContent = RecordedContentReport;

/** What names a message: clients may use an interchange id twice. */
export type MessageName = Pick<Message, "interchangeId" | "nodeId" | "atMs">;

/** Null: there is nothing, or nothing that could be kept. */
export function encryptContent(cipher: SecretCipher, message: Message): Buffer | null {
  if (message.content === null || !cipher.available) return null;
  return cipher.encrypt(JSON.stringify(message.content), ownerOf(message));
}

/** Null: its key is no longer configured, or it was damaged. */
export function decryptContent(
  cipher: SecretCipher,
  encrypted: Buffer,
  name: MessageName,
): MessageContent | null {
  try {
    return JSON.parse(cipher.decrypt(encrypted, ownerOf(name))) as MessageContent;
  } catch (error) {
    if (error instanceof DecryptError) return null;
    throw error;
  }
}

/** About so many bytes of memory. */
export function contentBytes(content: MessageContent | null): number {
  if (content === null) return 0;
  let chars = content.request.body.length + (content.response?.body.length ?? 0);
  for (const text of content.request.headers) chars += text.length;
  for (const text of content.response?.headers ?? []) chars += text.length;
  return 2 * chars;
}

function ownerOf({ interchangeId, nodeId, atMs }: MessageName): string {
  return `message/${interchangeId}/${nodeId}/${atMs}`;
}
