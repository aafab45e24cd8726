/**
 * Creations that a client may send again when it did not receive the response: with the same `Idempotency-Key` the
 * second one finds what the first one made. Remembers ids for a day, never secrets.
 */
import { createHash } from "node:crypto";
import { type Outcome, userError } from "../errors/user-error.js";
import type { UnitOfWork } from "./unit-of-work.js";

const REMEMBERED_MS = 86_400_000;

export interface Creation<T> {
  /** `api.create` */
  readonly action: string;
  /** Of a request that creates several things: tells them apart. */
  readonly part?: string | undefined;
  /** What the client sent, to tell a repetition from a mistake. */
  readonly input: unknown;
  readonly create: () => Promise<Outcome<T>>;
  readonly idOf: (value: T) => string;
  /** What was made the first time; null when it is gone again. */
  readonly find: (id: string) => Promise<T | null>;
}

/** Within a transaction: creates, or finds what was created with the same key. */
export async function withIdempotencyKey<T>(scope: UnitOfWork, creation: Creation<T>): Promise<Outcome<T>> {
  const given = scope.context.idempotencyKey ?? null;
  if (given === null) return creation.create();
  // No client's key has a blank.
  const key = creation.part === undefined ? given : `${given} ${creation.part}`;
  const { trx, nowMs } = scope;
  const { actor } = scope.context.principal;
  const digest = createHash("sha256").update(JSON.stringify(creation.input)).digest();
  const known = await trx
    .selectFrom("idempotency")
    .selectAll()
    .where("actor", "=", actor)
    .where("idempotency_key", "=", key)
    .where("created_at_ms", ">", nowMs - REMEMBERED_MS)
    .executeTakeFirst();
  if (known !== undefined) {
    if (known.action !== creation.action || !known.input_digest.equals(digest))
      return userError(
        "IDEMPOTENCY_KEY_REUSED",
        [],
        "This Idempotency-Key was used for another creation: take a new one for each.",
      );
    const found = await creation.find(known.target_id);
    if (found === null)
      return userError("NOT_FOUND", [], "What this Idempotency-Key made was deleted since.");
    return { ok: true, value: found };
  }
  const outcome = await creation.create();
  if (!outcome.ok) return outcome;
  await trx
    .deleteFrom("idempotency")
    .where("created_at_ms", "<=", nowMs - REMEMBERED_MS)
    .execute();
  await trx
    .insertInto("idempotency")
    .values({
      actor,
      idempotency_key: key,
      action: creation.action,
      input_digest: digest,
      target_id: creation.idOf(outcome.value),
      created_at_ms: nowMs,
    })
    .execute();
  return outcome;
}
