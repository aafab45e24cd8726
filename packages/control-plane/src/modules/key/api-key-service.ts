/**
 * Use cases of keys. The secret leaves here once, in the response to the mutation that created it, or through
 * `reveal` for an Api that is recoverable. Whatever takes access away is marked as a revocation.
 */
import { isDeepStrictEqual } from "node:util";
import { apiKeyDisplay, generateApiKey, keyDigest, newId, ok } from "@latchkey/core";
import { DecryptError, encodeResource, type SecretCipher } from "@latchkey/snapshot";
import type { Page, PageRequest } from "../../db/page.js";
import type { Db } from "../../db/schema.js";
import { writeTransaction } from "../../db/transaction.js";
import { notFound, type Outcome, Problems, userError } from "../../errors/user-error.js";
import { checkNulls } from "../../forms/form.js";
import { withIdempotencyKey } from "../../unit-of-work/idempotency.js";
import type {
  Committed,
  UnitOfWork,
  UnitOfWorkRunner,
  WorkContext,
} from "../../unit-of-work/unit-of-work.js";
import { checkVersion } from "../../unit-of-work/version-check.js";
import type { Api } from "../api/api.js";
import { type ApiKey, type ApiKeyForm, apiKeyLimits, applyApiKeyForm, emptyApiKey } from "./api-key.js";
import { auditApiKey, auditView } from "./api-key-audit.js";
import { toKeyResource } from "./api-key-resource.js";
import {
  type ApiKeyFilter,
  type ApiKeyOrder,
  countApiKeys,
  countExpiringKeys,
  deleteApiKey,
  deleteEncryptedSecrets,
  type ExpiryWindow,
  findApiKey,
  findApiKeyIdsOf,
  findApiKeys,
  findExpiringKeys,
  findUnusedKeys,
  hasWebhookKey,
  insertApiKey,
  nextApiKeys,
  pageApiKeys,
  saveApiKeysUsed,
  updateApiKey,
} from "./api-key-store.js";

export interface CreateApiKey extends ApiKeyForm {
  readonly apiId: string;
}

export interface UpdateApiKey extends ApiKeyForm {
  readonly id: string;
  readonly expectedVersion?: number | null | undefined;
}

/** What a key cannot be without. */
const alwaysSet = ["name", "active", "mode"] as const satisfies readonly (keyof UpdateApiKey)[];

export interface RegenerateApiKey {
  readonly id: string;
  readonly expectedVersion?: number | null | undefined;
  /** How long the old secret lives on. */
  readonly overlapSeconds?: number | null | undefined;
}

export interface KeyById {
  readonly id: string;
}

export interface DeleteApiKey {
  readonly id: string;
  readonly expectedVersion?: number | null | undefined;
}

/** A key with its secret, which is held by nobody else. */
export interface KeyWithSecret {
  readonly key: ApiKey;
  /** Null when the creation is a repetition and the secret was not kept. */
  readonly secret: string | null;
}

/** The Api of a key; the api module knows. */
export interface ApiLookup {
  findApi(db: Db, id: string): Promise<Api | null>;
  /** The OpenAPI document of an API that serves it says something else from now on. */
  documentChanged(scope: UnitOfWork, apiId: string): Promise<void>;
}

export interface ApiKeyServiceDeps {
  readonly db: Db;
  readonly units: UnitOfWorkRunner;
  readonly apis: ApiLookup;
  readonly cipher: SecretCipher;
}

export class ApiKeyService {
  readonly #deps: ApiKeyServiceDeps;

  constructor(deps: ApiKeyServiceDeps) {
    this.#deps = deps;
  }

  find(id: string, db: Db = this.#deps.db): Promise<ApiKey | null> {
    return findApiKey(db, id);
  }

  findMany(ids: readonly string[], db: Db = this.#deps.db): Promise<readonly ApiKey[]> {
    return findApiKeys(db, ids);
  }

  next(db: Db, afterId: string, limit: number): Promise<readonly ApiKey[]> {
    return nextApiKeys(db, afterId, limit);
  }

  page(filter: ApiKeyFilter, order: ApiKeyOrder, request: PageRequest): Promise<Page<ApiKey>> {
    return pageApiKeys(this.#deps.db, filter, order, request);
  }

  count(filter: ApiKeyFilter): Promise<number> {
    return countApiKeys(this.#deps.db, filter);
  }

  /** Active keys that expire within the time, soonest first. */
  expiring(within: ExpiryWindow, limit: number): Promise<ApiKey[]> {
    return findExpiringKeys(this.#deps.db, within, limit);
  }

  /** Active keys that expire within the time. */
  countExpiring(within: ExpiryWindow): Promise<number> {
    return countExpiringKeys(this.#deps.db, within);
  }

  /** Active keys that were made before and not used since, those unused for longest first. */
  unusedSince(sinceMs: number, limit: number): Promise<ApiKey[]> {
    return findUnusedKeys(this.#deps.db, sinceMs, limit);
  }

  /** When keys were last used: milliseconds since 1970 by key id. Not a change that nodes or the audit log must know. */
  saveLastUsed(lastUsedAtMs: ReadonlyMap<string, number>): Promise<void> {
    return writeTransaction(this.#deps.db, (trx) => saveApiKeysUsed(trx, lastUsedAtMs));
  }

  /** Whether a key of the Api may come by query: its document says so. */
  hasWebhookKey(db: Db, apiId: string): Promise<boolean> {
    return hasWebhookKey(db, apiId);
  }

  create(context: WorkContext, input: CreateApiKey): Promise<Outcome<Committed<KeyWithSecret>>> {
    return this.#deps.units.run(context, async (scope) => {
      const api = await this.#deps.apis.findApi(scope.trx, input.apiId);
      if (api === null) return notFound(["input", "apiId"], "API");
      if ((await countApiKeys(scope.trx, { apiId: api.id })) >= apiKeyLimits.keysAnApiMax)
        return userError(
          "TOO_MANY",
          ["input", "apiId"],
          `An API has at most ${apiKeyLimits.keysAnApiMax} keys.`,
        );
      return withIdempotencyKey<KeyWithSecret>(scope, {
        action: "apiKey.create",
        input,
        create: () => this.insertNew(scope, api, input),
        idOf: ({ key }) => key.id,
        find: async (id) => {
          const key = await findApiKey(scope.trx, id);
          return key === null ? null : this.#disclose(scope, api, key);
        },
      });
    });
  }

  /** The oldest key of an Api, with its secret if that was kept; written to the audit log. */
  async discloseFirstOf(scope: UnitOfWork, api: Api): Promise<KeyWithSecret | null> {
    const order = { field: "createdAt", direction: "asc" } as const;
    const page = await pageApiKeys(scope.trx, { apiId: api.id }, order, {
      limit: 1,
      backward: false,
      after: null,
      before: null,
    });
    const key = page.items[0]?.node;
    return key === undefined ? null : this.#disclose(scope, api, key);
  }

  /** Within another use case's transaction. */
  async insertNew(scope: UnitOfWork, api: Api, form: ApiKeyForm): Promise<Outcome<KeyWithSecret>> {
    const problems = new Problems();
    const content = applyApiKeyForm(problems, emptyApiKey, form, { nowMs: scope.nowMs, isNew: true });
    if (problems.any) return problems.failure();
    const secret = generateApiKey();
    const id = newId("apiKey");
    const key: ApiKey = {
      ...content,
      id,
      apiId: api.id,
      digest: keyDigest(secret),
      display: apiKeyDisplay(secret),
      previous: null,
      encryptedSecret: this.#encryptFor(api, secret, id),
      version: 1,
      createdAtMs: scope.nowMs,
      updatedAtMs: scope.nowMs,
      lastUsedAtMs: null,
    };
    await insertApiKey(scope.trx, key);
    scope.upsert("key", key.id);
    if (key.mode === "webhook") await this.#recordDocumentChange(scope, api);
    auditApiKey(scope, "create", api, { key, after: key });
    return ok({ key, secret });
  }

  async update(context: WorkContext, input: UpdateApiKey): Promise<Outcome<Committed<ApiKey>>> {
    const failure = checkNulls(input, alwaysSet);
    if (failure !== null) return failure;
    return this.#change(context, input.id, async (scope, api, before) => {
      const stale = checkVersion(before, input.expectedVersion);
      if (stale !== null) return stale;
      const problems = new Problems();
      const content = applyApiKeyForm(problems, before, input, { nowMs: scope.nowMs, isNew: false });
      if (problems.any) return problems.failure();
      const changed: ApiKey = { ...before, ...content };
      if (JSON.stringify(auditView(changed)) === JSON.stringify(auditView(before))) return ok(before);
      const after: ApiKey = { ...changed, version: before.version + 1, updatedAtMs: scope.nowMs };
      await updateApiKey(scope.trx, after);
      recordChange(scope, before, after);
      if (before.mode !== after.mode) await this.#recordDocumentChange(scope, api);
      auditApiKey(scope, "update", api, { key: after, before, after });
      return ok(after);
    });
  }

  /** A new secret; the old one lives on for the overlap, and one older than that dies now. */
  regenerate(context: WorkContext, input: RegenerateApiKey): Promise<Outcome<Committed<KeyWithSecret>>> {
    return this.#change(context, input.id, async (scope, api, before) => {
      const stale = checkVersion(before, input.expectedVersion);
      if (stale !== null) return stale;
      const overlapSeconds = input.overlapSeconds ?? 0;
      const { overlapSecondsMax } = apiKeyLimits;
      if (!Number.isSafeInteger(overlapSeconds) || overlapSeconds < 0 || overlapSeconds > overlapSecondsMax)
        return userError(
          "INVALID",
          ["input", "overlapSeconds"],
          `The overlap is a whole number from 0 to ${overlapSecondsMax} seconds.`,
        );
      const secret = generateApiKey();
      const after: ApiKey = {
        ...before,
        digest: keyDigest(secret),
        display: apiKeyDisplay(secret),
        previous:
          overlapSeconds === 0
            ? null
            : { digest: before.digest, notAfterMs: scope.nowMs + overlapSeconds * 1000 },
        encryptedSecret: this.#encryptFor(api, secret, before.id),
        version: before.version + 1,
        updatedAtMs: scope.nowMs,
      };
      await updateApiKey(scope.trx, after);
      scope.upsert("key", after.id, { revocation: true });
      auditApiKey(scope, "regenerate", api, { key: after, before, after });
      return ok({ key: after, secret });
    });
  }

  delete(context: WorkContext, input: DeleteApiKey): Promise<Outcome<Committed<ApiKey>>> {
    return this.#change(context, input.id, async (scope, api, key) => {
      const stale = checkVersion(key, input.expectedVersion);
      if (stale !== null) return stale;
      await deleteApiKey(scope.trx, key.id);
      scope.remove("key", key.id, { revocation: true });
      if (key.mode === "webhook") await this.#recordDocumentChange(scope, api);
      auditApiKey(scope, "delete", api, { key, before: key });
      return ok(key);
    });
  }

  /** The secret again, if it was kept. Each disclosure is in the audit log before the secret is returned. */
  reveal(context: WorkContext, input: KeyById): Promise<Outcome<Committed<KeyWithSecret>>> {
    return this.#change(context, input.id, async (scope, api, key) => {
      const notRecoverable = (message: string) => userError("NOT_RECOVERABLE", ["input", "id"], message);
      if (key.encryptedSecret === null)
        return notRecoverable(
          "The secret was not kept: it was shown once, when it was made. Regenerate the key for a new one.",
        );
      let secret: string;
      try {
        secret = this.#deps.cipher.decrypt(key.encryptedSecret, key.id);
      } catch (error) {
        if (!(error instanceof DecryptError)) throw error;
        return notRecoverable(`The secret cannot be opened: ${error.message}.`);
      }
      auditApiKey(scope, "reveal", api, { key });
      return ok({ key, secret });
    });
  }

  /** Within the deletion of an Api, whose rows go with it. */
  async recordRemovals(scope: UnitOfWork, api: Api): Promise<number> {
    const ids = await findApiKeyIdsOf(scope.trx, api.id);
    for (const id of ids) scope.remove("key", id, { revocation: true });
    return ids.length;
  }

  deleteSecrets(scope: UnitOfWork, api: Api): Promise<void> {
    return deleteEncryptedSecrets(scope.trx, api.id);
  }

  #change<T>(
    context: WorkContext,
    id: string,
    work: (scope: UnitOfWork, api: Api, key: ApiKey) => Promise<Outcome<T>>,
  ): Promise<Outcome<Committed<T>>> {
    return this.#deps.units.run(context, async (scope) => {
      const key = await findApiKey(scope.trx, id);
      const api = key === null ? null : await this.#deps.apis.findApi(scope.trx, key.apiId);
      if (key === null || api === null) return notFound(["input", "id"], "key");
      return work(scope, api, key);
    });
  }

  /** A key with its secret, if that was kept and can be opened. The disclosure is in the audit log first. */
  #disclose(scope: UnitOfWork, api: Api, key: ApiKey): KeyWithSecret {
    if (key.encryptedSecret === null) return { key, secret: null };
    try {
      const secret = this.#deps.cipher.decrypt(key.encryptedSecret, key.id);
      auditApiKey(scope, "reveal", api, { key });
      return { key, secret };
    } catch (error) {
      if (error instanceof DecryptError) return { key, secret: null };
      throw error;
    }
  }

  /** The document tells whether a key may come by query. */
  async #recordDocumentChange(scope: UnitOfWork, api: Api): Promise<void> {
    if (api.openapiServed) await this.#deps.apis.documentChanged(scope, api.id);
  }

  #encryptFor(api: Api, secret: string, keyId: string): Buffer | null {
    return api.recoverable ? this.#deps.cipher.encrypt(secret, keyId) : null;
  }
}

/** Tells nodes what changed for them, ahead of everything if it takes access away. */
function recordChange(scope: UnitOfWork, before: ApiKey, after: ApiKey): void {
  const known = encodeResource(toKeyResource(before)).body;
  const wanted = encodeResource(toKeyResource(after)).body;
  if (Buffer.compare(known, wanted) !== 0)
    scope.upsert("key", after.id, { revocation: takesAccess(before, after) });
}

function takesAccess(before: ApiKey, after: ApiKey): boolean {
  const never = Number.POSITIVE_INFINITY;
  return (
    (before.active && !after.active) ||
    before.mode !== after.mode ||
    !isDeepStrictEqual(before.ipRules, after.ipRules) ||
    !isDeepStrictEqual(before.scopes, after.scopes) ||
    (after.expiresAtMs ?? never) < (before.expiresAtMs ?? never)
  );
}
