/** A console session: who signed in, from where, and until when it is valid. The cookie itself is known to the browser only. */

export interface Session {
  readonly id: string;
  readonly actor: string;
  readonly createdAtMs: number;
  /** Accurate to a minute. */
  readonly lastUsedAtMs: number;
  /** When it ends without further use. */
  readonly expiresAtMs: number;
  readonly address: string | null;
  readonly userAgent: string | null;
}

export const sessionLimits = {
  /** The oldest end first: who signs in again and again signs out nobody else. */
  sessionsPerOperatorMax: 100,
  userAgentCharsMax: 200,
} as const;
