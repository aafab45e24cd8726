/** Bounds of a name resolver, with their reasons. */

export interface ResolverLimits {
  /** A name server's response is waited for no longer than this. A question that is slow is asked once more after `slowMs`. */
  readonly queryTimeoutMs: number;
  /** c-ares waits this long for a name server in the first round, and less once it knows how fast it is. */
  readonly attemptTimeoutMs: number;
  /** Names asked about at once, without those whose question is slow: half as many of these. */
  readonly queriesMax: number;
  /** A question without a response after this long counts as slow. */
  readonly slowMs: number;
  /** Slow questions that are asked once more by a client that waits. Each has a socket of its own. */
  readonly patientQuestionsMax: number;
  /** Names that wait for their turn; a further one fails at once. */
  readonly queueMax: number;
  /** Callers that wait for one name; a further one fails at once. */
  readonly waitersMax: number;
  /** Names in the cache. */
  readonly namesMax: number;
  /** A shorter TTL counts as this, so that one name cannot be asked about all the time. */
  readonly ttlMinMs: number;
  /** A longer TTL counts as this, so that a mistake in a zone is not kept for days. */
  readonly ttlMaxMs: number;
  /** A failed name is not asked about again for this long. */
  readonly failureMs: number;
  /** Addresses are used for this long after their TTL while the name servers are silent (RFC 8767). */
  readonly staleMs: number;
  /** How long a caller waits for a reply before it gets stale addresses. */
  readonly staleWaitMs: number;
  /** How long addresses of one family wait for those of the other one (RFC 8305 §3). */
  readonly familyDelayMs: number;
}

export const resolverLimits: ResolverLimits = {
  queryTimeoutMs: 5_000,
  attemptTimeoutMs: 2_000,
  queriesMax: 256,
  slowMs: 500,
  patientQuestionsMax: 64,
  queueMax: 4_096,
  waitersMax: 10_000,
  namesMax: 4_096,
  ttlMinMs: 1_000,
  ttlMaxMs: 300_000,
  failureMs: 5_000,
  staleMs: 3_600_000,
  staleWaitMs: 500,
  familyDelayMs: 50,
};
