/** A worker's questions to its primary for tokens: a node fetches one for each credential, however many workers it has. */
import type { FetchedToken } from "../upstream-auth/token-source.js";

export interface TokenQuestion {
  readonly id: number;
  readonly credentialId: string;
  /** The token that the target does not take; null: it has nothing against the present one. */
  readonly refused: string | null;
}

export interface TokenReply {
  readonly id: number;
  /** Null: there is none. */
  readonly token: FetchedToken | null;
}

/** Longer than a token request of the primary may take. */
const TIMEOUT_MS = 11_000;

interface Waiting {
  readonly settle: (token: FetchedToken | null) => void;
  readonly timer: NodeJS.Timeout;
}

export class PrimaryTokens {
  readonly #send: (question: TokenQuestion) => void;
  readonly #waiting = new Map<number, Waiting>();
  #questions = 0;

  constructor(send: (question: TokenQuestion) => void) {
    this.#send = send;
  }

  /** Rejects when there is none, and when the primary is silent. */
  ask(credentialId: string, refused: string | null): Promise<FetchedToken> {
    const id = ++this.#questions;
    return new Promise((resolve, reject) => {
      const settle = (token: FetchedToken | null): void => {
        if (token === null) reject(new Error("the primary has no token"));
        else resolve(token);
      };
      const timer = setTimeout(() => this.onReply({ id, token: null }), TIMEOUT_MS);
      this.#waiting.set(id, { settle, timer });
      this.#send({ id, credentialId, refused });
    });
  }

  onReply({ id, token }: TokenReply): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    clearTimeout(waiting.timer);
    waiting.settle(token);
  }
}
