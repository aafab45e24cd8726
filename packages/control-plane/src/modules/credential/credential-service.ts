/**
 * Use cases of credentials. A secret that is entered is encrypted here, once; what comes out is when it was set. All
 * changes but a name's make a revision.
 */
import { newId, ok } from "@latchkey/core";
import {
  type CredentialScheme,
  DecryptError,
  encodeResource,
  type SecretSource,
  secretOwner,
} from "@latchkey/snapshot";
import type { Page, PageRequest } from "../../db/page.js";
import type { Db } from "../../db/schema.js";
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
import type { UpstreamAllowList } from "../integration/upstream-url.js";
import type { SubscriptionService } from "../subscription/subscription-service.js";
import type { Credential } from "./credential.js";
import {
  applyCredentialForm,
  type CredentialForm,
  checkPair,
  type EnteredSecret,
} from "./credential-form.js";
import { placeOf } from "./credential-place.js";
import { toCredentialResource } from "./credential-resource.js";
import {
  type CredentialFilter,
  type CredentialOrder,
  countCredentials,
  deleteCredential,
  findCredential,
  findCredentials,
  hasEncryptedSecrets,
  insertCredential,
  nextCredentials,
  pageCredentials,
  updateCredential,
} from "./credential-store.js";
import type { DataKeys } from "./data-keys.js";

export interface CreateCredential extends CredentialForm {
  readonly subscriptionId: string;
  readonly name: string;
}

export interface UpdateCredential extends CredentialForm {
  readonly id: string;
  readonly expectedVersion?: number | null | undefined;
}

export interface DeleteCredential {
  readonly id: string;
  readonly expectedVersion?: number | null | undefined;
}

/** Who uses a credential; the integration module knows. */
export interface CredentialUses {
  countOf(db: Db, credentialId: string): Promise<number>;
  namesOf(db: Db, credentialId: string, limit: number): Promise<readonly string[]>;
  /** The other credentials of those integrations, each with the name of one. */
  besides(db: Db, credentialId: string): Promise<readonly CredentialBeside[]>;
}

export interface CredentialBeside {
  readonly credentialId: string;
  readonly integrationName: string;
}

/** Integrations named in a user error; the rest is counted. */
const NAMED_MAX = 10;
/** Credentials read at once when all are encrypted again. */
const PAGE_ROWS = 250;

export interface CredentialServiceDeps {
  readonly db: Db;
  readonly units: UnitOfWorkRunner;
  readonly subscriptions: SubscriptionService;
  readonly uses: CredentialUses;
  readonly allow: UpstreamAllowList;
  readonly dataKeys: DataKeys;
}

export class CredentialService {
  readonly #deps: CredentialServiceDeps;

  constructor(deps: CredentialServiceDeps) {
    this.#deps = deps;
  }

  find(id: string, db: Db = this.#deps.db): Promise<Credential | null> {
    return findCredential(db, id);
  }

  findMany(ids: readonly string[], db: Db = this.#deps.db): Promise<readonly Credential[]> {
    return findCredentials(db, ids);
  }

  /** For nodes, page by page. */
  next(db: Db, afterId: string, limit: number): Promise<readonly Credential[]> {
    return nextCredentials(db, afterId, limit);
  }

  page(filter: CredentialFilter, order: CredentialOrder, request: PageRequest): Promise<Page<Credential>> {
    return pageCredentials(this.#deps.db, filter, order, request);
  }

  count(filter: CredentialFilter, db: Db = this.#deps.db): Promise<number> {
    return countCredentials(db, filter);
  }

  /** A secret that was entered, in clear; null: it is a reference, or cannot be decrypted. */
  async secretOf(db: Db, credential: Credential): Promise<string | null> {
    try {
      return await this.#decrypted(db, credential);
    } catch (error) {
      if (error instanceof DecryptError) return null;
      throw error;
    }
  }

  create(context: WorkContext, input: CreateCredential): Promise<Outcome<Committed<Credential>>> {
    // The digest of what is kept of the input must tell nothing of the secret.
    const { secret: _, ...withoutSecret } = input;
    return this.#deps.units.run(context, (scope) =>
      withIdempotencyKey<Credential>(scope, {
        action: "credential.create",
        input: withoutSecret,
        create: () => this.#createNew(scope, input),
        idOf: ({ id }) => id,
        find: (id) => findCredential(scope.trx, id),
      }),
    );
  }

  async #createNew(scope: UnitOfWork, input: CreateCredential): Promise<Outcome<Credential>> {
    const problems = new Problems();
    const subscription = await this.#deps.subscriptions.find(input.subscriptionId, scope.trx);
    if (subscription === null)
      problems.add("NOT_FOUND", ["input", "subscriptionId"], "There is no subscription with this id.");
    const content = applyCredentialForm(problems, null, input, this.#deps.allow);
    if (content === null || content.secret === null || subscription === null) return problems.failure();
    const id = newId("credential");
    const secret = await this.#stored(scope, id, content.secret);
    if (!secret.ok) return secret;
    const credential: Credential = {
      id,
      subscriptionId: subscription.id,
      name: content.name,
      scheme: content.scheme,
      secret: secret.value,
      secretSetAtMs: scope.nowMs,
      version: 1,
      createdAtMs: scope.nowMs,
      updatedAtMs: scope.nowMs,
    };
    await insertCredential(scope.trx, credential);
    scope.upsert("credential", id);
    audit(scope, "create", null, credential);
    return ok(credential);
  }

  async update(context: WorkContext, input: UpdateCredential): Promise<Outcome<Committed<Credential>>> {
    const failure = checkNulls(input, ["name", "secret"]);
    if (failure !== null) return failure;
    return this.#deps.units.run(context, async (scope) => {
      const before = await findCredential(scope.trx, input.id);
      if (before === null) return notFound(["input", "id"], "credential");
      const stale = checkVersion(before, input.expectedVersion);
      if (stale !== null) return stale;
      const problems = new Problems();
      const content = applyCredentialForm(problems, before, input, this.#deps.allow);
      if (content === null) return problems.failure();
      const { name, scheme } = content;
      const isSecretNew = content.secret !== null && !isSameReference(content.secret, before.secret);
      const secret =
        content.secret !== null && isSecretNew
          ? await this.#stored(scope, before.id, content.secret)
          : ok(before.secret);
      if (!secret.ok) return secret;
      const isSame = name === before.name && JSON.stringify(scheme) === JSON.stringify(before.scheme);
      if (isSame && !isSecretNew) return ok(before);
      if (content.secret === null) await this.#checkKeptKey(scope, problems, before, scheme);
      await this.#checkPlace(scope.trx, problems, before, scheme);
      if (problems.any) return problems.failure();
      const after: Credential = {
        ...before,
        name,
        scheme,
        secret: secret.value,
        secretSetAtMs: isSecretNew ? scope.nowMs : before.secretSetAtMs,
        version: before.version + 1,
        updatedAtMs: scope.nowMs,
      };
      await updateCredential(scope.trx, after);
      if (Buffer.compare(bodyOf(before), bodyOf(after)) !== 0) scope.upsert("credential", after.id);
      audit(scope, "update", before, after);
      return ok(after);
    });
  }

  delete(context: WorkContext, input: DeleteCredential): Promise<Outcome<Committed<Credential>>> {
    return this.#deps.units.run(context, async (scope) => {
      const credential = await findCredential(scope.trx, input.id);
      if (credential === null) return notFound(["input", "id"], "credential");
      const stale = checkVersion(credential, input.expectedVersion);
      if (stale !== null) return stale;
      const inUse = await this.#refuseInUse(scope.trx, credential.id);
      if (inUse !== null) return inUse;
      await deleteCredential(scope.trx, credential.id);
      scope.remove("credential", credential.id);
      audit(scope, "delete", credential, null);
      return ok(credential);
    });
  }

  /** A new data key, and all entered secrets encrypted with it: who has the key before cannot read what is entered later. */
  async encryptAgain(scope: UnitOfWork): Promise<void> {
    const { dataKeys } = this.#deps;
    if (!dataKeys.available || !(await hasEncryptedSecrets(scope.trx))) return;
    const cipher = await dataKeys.replaceIn(scope.trx);
    let after = "";
    for (;;) {
      const page = await nextCredentials(scope.trx, after, PAGE_ROWS);
      for (const credential of page) {
        if (credential.secret.kind !== "encrypted") continue;
        const owner = secretOwner(credential.id);
        const secret = cipher.decrypt(Buffer.from(credential.secret.ciphertext), owner);
        const ciphertext = cipher.encrypt(secret, owner);
        await updateCredential(scope.trx, { ...credential, secret: { kind: "encrypted", ciphertext } });
        scope.upsert("credential", credential.id);
      }
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE_ROWS) return;
      after = last.id;
    }
  }

  /** A new certificate must fit the private key that stays. One behind a reference is on the nodes, and they check it. */
  async #checkKeptKey(
    scope: UnitOfWork,
    problems: Problems,
    before: Credential,
    scheme: CredentialScheme,
  ): Promise<void> {
    if (scheme.kind !== "mutual-tls") return;
    const secret = await this.#decrypted(scope.trx, before);
    if (secret !== null) checkPair(problems, scheme, secret);
  }

  /** A secret that was entered, in clear; null: it is a reference, or there is no key. @throws DecryptError */
  async #decrypted(db: Db, { id, secret }: Credential): Promise<string | null> {
    const { dataKeys } = this.#deps;
    if (secret.kind !== "encrypted" || !dataKeys.available) return null;
    const cipher = await dataKeys.cipherIn(db);
    return cipher.decrypt(Buffer.from(secret.ciphertext), secretOwner(id));
  }

  async #stored(scope: UnitOfWork, id: string, entered: EnteredSecret): Promise<Outcome<SecretSource>> {
    if (entered.kind === "reference") return ok(entered);
    const { dataKeys } = this.#deps;
    if (!dataKeys.available)
      return userError(
        "INVALID",
        ["input", "secret", "value"],
        "This control plane has no encryption key, so it keeps no secrets: configure encryptionKey, or give a reference.",
      );
    const cipher = await dataKeys.cipherIn(scope.trx);
    return ok({ kind: "encrypted", ciphertext: cipher.encrypt(entered.value, secretOwner(id)) });
  }

  /** An integration that uses it may have another credential in the place that it takes now. */
  async #checkPlace(db: Db, problems: Problems, before: Credential, scheme: CredentialScheme): Promise<void> {
    const place = placeOf(scheme);
    if (place === placeOf(before.scheme)) return;
    const besides = await this.#deps.uses.besides(db, before.id);
    const others = await findCredentials(db, [...new Set(besides.map(({ credentialId }) => credentialId))]);
    const other = others.find((credential) => placeOf(credential.scheme) === place);
    if (other === undefined) return;
    const use = besides.find(({ credentialId }) => credentialId === other.id);
    problems.add(
      "IN_USE",
      ["input", scheme.kind, "name"],
      `The integration "${use?.integrationName ?? ""}" has another credential, "${other.name}", that sets ${place}.`,
    );
  }

  async #refuseInUse(db: Db, id: string) {
    const { uses } = this.#deps;
    const count = await uses.countOf(db, id);
    if (count === 0) return null;
    const named = (await uses.namesOf(db, id, NAMED_MAX)).map((name) => `"${name}"`).join(", ");
    const list = count > NAMED_MAX ? `${named} and ${count - NAMED_MAX} more` : named;
    const which = count === 1 ? "an integration uses" : "integrations use";
    return userError("IN_USE", ["input", "id"], `The credential cannot be deleted: ${which} it: ${list}.`);
  }
}

function isSameReference(entered: EnteredSecret, before: SecretSource): boolean {
  return (
    entered.kind === "reference" && before.kind === "reference" && entered.reference === before.reference
  );
}

function bodyOf(credential: Credential): Uint8Array {
  return encodeResource(toCredentialResource(credential)).body;
}

function audit(
  scope: UnitOfWork,
  verb: "create" | "update" | "delete",
  before: Credential | null,
  after: Credential | null,
): void {
  const subject = after ?? before;
  if (subject === null) return;
  scope.audit({
    action: `credential.${verb}`,
    targetKind: "credential",
    targetId: subject.id,
    targetName: subject.name,
    subscriptionId: subject.subscriptionId,
    before: before === null ? null : auditView(before),
    after: after === null ? null : auditView(after),
  });
}

/** Everything but an entered secret. */
function auditView({ name, scheme, secret, secretSetAtMs }: Credential): object {
  return {
    name,
    ...scheme,
    secretReference: secret.kind === "reference" ? secret.reference : null,
    secretSetAt: new Date(secretSetAtMs).toISOString(),
  };
}
