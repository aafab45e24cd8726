/** Where the time of a request went, as pieces one after the other. Pure. */
import type { MessageRowFragment } from "../../gen/requests.js";

export type PieceKind = "gateway" | "waiting" | "connecting" | "first-byte" | "body";

export interface TimelinePiece {
  readonly kind: PieceKind;
  /** Number of the attempt, from 1; 0: of none. */
  readonly attempt: number;
  readonly fromMs: number;
  readonly toMs: number;
}

export const pieceNames: Readonly<Record<PieceKind, string>> = {
  gateway: "Gateway",
  waiting: "Waiting for a connection",
  connecting: "Connecting",
  "first-byte": "Waiting for the first byte",
  body: "Response",
};

/** Pieces of no length are left out; what is not an attempt's is the gateway's. */
export function timelineOf(
  message: Pick<MessageRowFragment, "durationMs" | "attempts">,
): readonly TimelinePiece[] {
  const pieces: TimelinePiece[] = [];
  let atMs = 0;
  const add = (kind: PieceKind, attempt: number, untilMs: number): void => {
    if (untilMs > atMs) pieces.push({ kind, attempt, fromMs: atMs, toMs: untilMs });
    atMs = Math.max(atMs, untilMs);
  };
  for (const [index, attempt] of message.attempts.entries()) {
    const { startedMs, waitMs, connectMs, firstByteMs, durationMs } = attempt;
    const number = index + 1;
    const endMs = startedMs + durationMs;
    add("gateway", 0, startedMs);
    add("waiting", number, startedMs + waitMs - connectMs);
    add("connecting", number, startedMs + waitMs);
    add("first-byte", number, firstByteMs === null ? endMs : startedMs + firstByteMs);
    add("body", number, endMs);
  }
  add("gateway", 0, message.durationMs);
  return pieces;
}
