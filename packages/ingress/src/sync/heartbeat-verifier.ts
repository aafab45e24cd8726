/**
 * Which heartbeats of one stream are believed: those that the control plane signed over this stream's challenge, none of them
 * twice. Without a public key all are. Remembers the newest revision that a believed one named.
 */
import { type KeyObject, randomBytes } from "node:crypto";
import type { Heartbeat } from "@latchkey/proto";
import { isRevision, type Revision, sameRevision, verifyHeartbeat } from "@latchkey/snapshot";
import { revisionOf } from "./wire.js";

const CHALLENGE_BYTES = 16;

export class HeartbeatVerifier {
  /** What the signatures must cover; empty without a public key. */
  readonly challenge: Buffer;
  readonly #publicKey: KeyObject | null;
  /** Of the last signed heartbeat. */
  #sequence = 0;
  #newest: Revision | null = null;

  constructor(publicKey: KeyObject | null) {
    this.#publicKey = publicKey;
    this.challenge = publicKey === null ? Buffer.alloc(0) : randomBytes(CHALLENGE_BYTES);
  }

  /** Whether its time and its revision count. */
  isBelieved(heartbeat: Heartbeat): boolean {
    const revision = revisionOf(heartbeat.revision);
    if (this.#publicKey !== null) {
      const { digest, signature } = heartbeat;
      const sequence = Number(heartbeat.sequence);
      const serverTimeMs = Number(heartbeat.serverTimeMs);
      const isFit =
        Number.isSafeInteger(sequence) && Number.isSafeInteger(serverTimeMs) && isRevision(revision);
      // One that was seen already, or comes after a later one, is a replay.
      if (!isFit || sequence <= this.#sequence) return false;
      const content = { challenge: this.challenge, sequence, serverTimeMs, revision, digest };
      if (!verifyHeartbeat(content, signature, this.#publicKey)) return false;
      this.#sequence = sequence;
    }
    this.#newest = revision;
    return true;
  }

  /** A signed revision may have been kept back: only a signed heartbeat says that it is the newest. */
  isNewest(revision: Revision): boolean {
    if (this.#publicKey === null) return true;
    return this.#newest !== null && sameRevision(this.#newest, revision);
  }
}
