/** When the secret before a key's last regeneration was last used, of what the control plane remembers and what is stored. Pure. */

export interface OldSecretUse {
  /** Null: no use is known. A minute is known by its begin. */
  readonly lastMs: number | null;
  /** Without a use: there was none since then. */
  readonly noneSinceMs: number;
}

interface Minute {
  readonly at: string;
  readonly previousSecret: number;
}

const MINUTE_MS = 60_000;

/**
 * @param key its `previousSecretLastUsedAt` is of one control plane and since its start; minutes are of all, and survive restarts
 * @param heardSince when the control plane started to hear of uses
 * @param minutes of the last hour, oldest first
 */
export function oldSecretUse(
  key: { readonly previousSecretLastUsedAt: string | null; readonly updatedAt: string },
  heardSince: string,
  minutes: readonly Minute[],
): OldSecretUse {
  const changedMs = Date.parse(key.updatedAt);
  const heardMs = Date.parse(heardSince);
  const countedMs = Math.min(heardMs, Date.parse(minutes[0]?.at ?? heardSince));
  // What was before the minute of the regeneration was another secret.
  const stored = minutes.findLast(
    ({ at, previousSecret }) => previousSecret > 0 && Date.parse(at) + MINUTE_MS > changedMs,
  );
  const uses = [key.previousSecretLastUsedAt, stored?.at].flatMap((at) =>
    at == null ? [] : [Date.parse(at)],
  );
  return {
    lastMs: uses.length === 0 ? null : Math.max(...uses),
    noneSinceMs: Math.max(countedMs, changedMs),
  };
}
