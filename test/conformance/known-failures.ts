// Rows that an engine of ours does not meet, and why. Held exactly: a row that fails and is not here fails the test,
// and so does a row that is here and is met, so that this list and README's table stay true.

/** Why, in a few words: the row is named in docs/conformance.md. */
export type KnownFailures = Readonly<Record<string, string>>;

/** The engine for the edge has none, and must not get one. */
export const strictFailures: KnownFailures = {};

export const nodeFailures: KnownFailures = {};

export const uwsFailures: KnownFailures = {};

/** Through the client of our own. */
export const http1Failures: KnownFailures = {};

export const undiciFailures: KnownFailures = {};
