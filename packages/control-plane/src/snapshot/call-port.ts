/**
 * One gRPC call as node-stream.ts sees it, and the ways in which a call ends. Knows grpc-js and nothing of nodes.
 */
import { Metadata, type ServerDuplexStream, status } from "@grpc/grpc-js";
import type { SubscribeRequest } from "@latchkey/proto";
import type { SessionEnd } from "./node-observer.js";
import type { StreamPort } from "./node-stream-options.js";

export type Call = ServerDuplexStream<SubscribeRequest, Buffer>;

/** How long an ended call may take to deliver its status before its connection is cut. */
const END_GRACE_MS = 2_000;
/** Nodes spread their return over this after a shutdown. */
const SHUTDOWN_RETRY_MS_MAX = 10_000;
const RETRY_AFTER = "latchkey-retry-after-ms";

/** One gRPC call as a port. `onClosed` is called once, whichever side ends it. */
export class CallPort implements StreamPort {
  readonly #call: Call;
  readonly #onClosed: (why: SessionEnd) => void;
  readonly #cut: (peer: string) => void;
  readonly #peer: string;
  /** Rejects what still waits to be written when the call is over: grpc-js forgets those callbacks. */
  readonly #waiting = new Set<(error: Error) => void>();
  #state: "open" | "ending" | "closed" = "open";
  #grace: NodeJS.Timeout | undefined;

  constructor(call: Call, onClosed: (why: SessionEnd) => void, cut: (peer: string) => void) {
    this.#call = call;
    this.#onClosed = onClosed;
    this.#cut = cut;
    this.#peer = call.getPeer();
    call.on("cancelled", () => this.#gone());
    call.on("close", () => this.#gone());
    call.on("end", () => {
      if (this.#state === "open") call.end();
      this.#close("left");
    });
  }

  write(message: Buffer): Promise<void> {
    if (this.#state !== "open") return Promise.reject(new Error("the call is over"));
    return new Promise((resolve, reject) => {
      this.#waiting.add(reject);
      this.#call.write(message, (error: Error | null | undefined) => {
        this.#waiting.delete(reject);
        if (error) reject(error);
        else resolve();
      });
    });
  }

  end(why: SessionEnd, detail: string): void {
    if (this.#state !== "open") return;
    this.#state = "ending";
    refuse(this.#call, endStatus[why], detail, why === "shutdown" ? shutdownRetryMs() : undefined);
    // The status stands behind what was written before; a node that does not read never gets it.
    this.#grace = setTimeout(() => this.#cut(this.#peer), END_GRACE_MS);
    this.#grace.unref();
    this.#close(why);
  }

  #gone(): void {
    clearTimeout(this.#grace);
    this.#close("left");
  }

  #close(why: SessionEnd): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    for (const reject of this.#waiting) reject(new Error("the call is over"));
    this.#waiting.clear();
    this.#onClosed(why);
  }
}

const endStatus: Record<SessionEnd, status> = {
  left: status.OK,
  replaced: status.ABORTED,
  revoked: status.UNAUTHENTICATED,
  silent: status.DEADLINE_EXCEEDED,
  unacknowledged: status.DEADLINE_EXCEEDED,
  malformed: status.INVALID_ARGUMENT,
  shutdown: status.UNAVAILABLE,
  failed: status.INTERNAL,
};

/** Why, for the node's log. */
export const closeDetails: Record<SessionEnd, string> = {
  left: "",
  replaced: "another stream of this node took over",
  revoked: "the node was removed",
  silent: "nothing heard",
  unacknowledged: "a revision was not acknowledged",
  malformed: "a message could not be understood",
  shutdown: "the control plane shuts down",
  failed: "the control plane failed",
};

/** Ends a call with a status and, where it helps, when to come again. */
export function refuse(call: Call, code: status, details: string, retryAfterMs?: number): void {
  const metadata = new Metadata();
  if (retryAfterMs !== undefined) metadata.set(RETRY_AFTER, String(retryAfterMs));
  call.emit("error", { code, details, metadata });
}

/** Full jitter: a fixed delay would bring all nodes back in the same second. */
export function shutdownRetryMs(): number {
  return Math.floor(Math.random() * SHUTDOWN_RETRY_MS_MAX);
}
