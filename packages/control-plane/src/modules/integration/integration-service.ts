/** Use cases of integrations. What nodes must know of them makes a revision; those with another inbound kind than API stay here. */
import { isDeepStrictEqual } from "node:util";
import { type IntegrationId, newId, ok, type SubscriptionId } from "@latchkey/core";
import { encodeResource } from "@latchkey/snapshot";
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
import type { SubscriptionService } from "../subscription/subscription-service.js";
import { type Integration, type IntegrationTarget, isRoutable } from "./integration.js";
import { auditIntegration } from "./integration-audit.js";
import { checkCredentials, type IntegrationCredentials } from "./integration-credentials.js";
import {
  applyIntegrationForm,
  emptyIntegration,
  type IntegrationContent,
  type IntegrationForm,
} from "./integration-form.js";
import { toIntegrationResource } from "./integration-resource.js";
import {
  countIntegrations,
  credentialsBeside,
  deleteIntegration,
  findIntegration,
  findIntegrations,
  findIntegrationsByUrl,
  findTargets,
  type IntegrationFilter,
  type IntegrationOrder,
  insertIntegrations,
  namesUsingCredential,
  nextRoutableIntegrations,
  pageIntegrations,
  updateIntegration,
} from "./integration-store.js";
import { type IntegrationUses, type RouteUse, refuseInUse, refuseUnfit } from "./integration-uses.js";
import { probeLogin } from "./probe-login.js";
import type { ProbeResult, UpstreamProbe } from "./upstream-probe.js";
import { checkUpstreamUrl, type UpstreamAllowList } from "./upstream-url.js";

export interface CreateIntegration extends IntegrationForm {
  readonly subscriptionId: string;
  readonly name: string;
}

/** A new integration whose form was checked. It has its id, so that routes can name it before it is there. */
export interface IntegrationDraft {
  readonly id: IntegrationId;
  readonly subscriptionId: SubscriptionId;
  readonly content: IntegrationContent;
}

export interface UpdateIntegration extends IntegrationForm {
  readonly id: string;
  readonly expectedVersion?: number | null | undefined;
}

export interface DeleteIntegration {
  readonly id: string;
  readonly expectedVersion?: number | null | undefined;
}

export interface TestIntegration {
  readonly id: string;
  /** One of its URLs; the first without it. */
  readonly url?: string | null | undefined;
}

/** What an integration cannot be without. */
const alwaysSet = [
  "name",
  "inboundKind",
  "method",
  "loadBalancing",
  "forwardAuthorization",
  "webSockets",
  "credentialIds",
] as const satisfies readonly (keyof UpdateIntegration)[];

export interface IntegrationServiceDeps {
  readonly db: Db;
  readonly units: UnitOfWorkRunner;
  readonly subscriptions: SubscriptionService;
  readonly uses: IntegrationUses;
  readonly credentials: IntegrationCredentials;
  readonly allow: UpstreamAllowList;
  readonly probe: UpstreamProbe;
}

export class IntegrationService {
  readonly #deps: IntegrationServiceDeps;

  constructor(deps: IntegrationServiceDeps) {
    this.#deps = deps;
  }

  find(id: string): Promise<Integration | null> {
    return findIntegration(this.#deps.db, id);
  }

  findMany(ids: readonly string[], db: Db = this.#deps.db): Promise<readonly Integration[]> {
    return findIntegrations(db, ids);
  }

  /** Ids of routable integrations with just one of these URLs and the client's method, by URL; the oldest of each. */
  findByUrls(
    subscriptionId: string,
    urls: readonly string[],
    db: Db = this.#deps.db,
  ): Promise<ReadonlyMap<string, string>> {
    return findIntegrationsByUrl(db, subscriptionId, urls);
  }

  /** The URL as it would be stored. */
  storedUrl(url: string): string {
    const checked = checkUpstreamUrl(url, this.#deps.allow);
    return checked.ok ? checked.value : url;
  }

  targets(ids: readonly string[], db: Db = this.#deps.db): Promise<ReadonlyMap<string, IntegrationTarget>> {
    return findTargets(db, ids);
  }

  nextRoutable(db: Db, afterId: string, limit: number): Promise<readonly Integration[]> {
    return nextRoutableIntegrations(db, afterId, limit);
  }

  page(filter: IntegrationFilter, order: IntegrationOrder, request: PageRequest): Promise<Page<Integration>> {
    return pageIntegrations(this.#deps.db, filter, order, request);
  }

  count(filter: IntegrationFilter, db: Db = this.#deps.db): Promise<number> {
    return countIntegrations(db, filter);
  }

  uses(id: string, limit: number): Promise<readonly RouteUse[]> {
    return this.#deps.uses.routesOf(this.#deps.db, id, limit);
  }

  /** Names of the first that use a credential. */
  namesUsing(db: Db, credentialId: string, limit: number): Promise<readonly string[]> {
    return namesUsingCredential(db, credentialId, limit);
  }

  /** The other credentials of the integrations that use a credential. */
  credentialsBeside(db: Db, credentialId: string): ReturnType<typeof credentialsBeside> {
    return credentialsBeside(db, credentialId);
  }

  countUses(id: string, db: Db = this.#deps.db): Promise<number> {
    return this.#deps.uses.countRoutesOf(db, id);
  }

  create(context: WorkContext, input: CreateIntegration): Promise<Outcome<Committed<Integration>>> {
    return this.#deps.units.run(context, (scope) =>
      withIdempotencyKey<Integration>(scope, {
        action: "integration.create",
        input,
        create: () => this.#createNew(scope, input),
        idOf: ({ id }) => id,
        find: (id) => findIntegration(scope.trx, id),
      }),
    );
  }

  async #createNew(scope: UnitOfWork, input: CreateIntegration): Promise<Outcome<Integration>> {
    const problems = new Problems();
    const subscription = await this.#deps.subscriptions.find(input.subscriptionId, scope.trx);
    if (subscription === null)
      problems.add("NOT_FOUND", ["input", "subscriptionId"], "There is no subscription with this id.");
    const content = applyIntegrationForm(problems, emptyIntegration, input, this.#deps.allow);
    if (subscription !== null)
      await checkCredentials(problems, this.#deps.credentials, scope.trx, {
        ...content,
        subscriptionId: subscription.id,
      });
    if (problems.any || subscription === null) return problems.failure();
    const id = newId("integration");
    const [made] = await this.#insert(scope, [{ id, subscriptionId: subscription.id, content }]);
    return ok(made as Integration);
  }

  /** Checks the form of a new integration without credentials; reads and changes nothing. */
  draft(input: CreateIntegration): Outcome<IntegrationDraft> {
    const problems = new Problems();
    const content = applyIntegrationForm(problems, emptyIntegration, input, this.#deps.allow);
    if (problems.any) return problems.failure();
    return ok({
      id: newId("integration"),
      subscriptionId: input.subscriptionId as SubscriptionId,
      content,
    });
  }

  /** Creates integrations of one subscription from their drafts, as a part of what else is written in the scope. */
  async createDrafts(
    scope: UnitOfWork,
    drafts: readonly IntegrationDraft[],
  ): Promise<Outcome<readonly Integration[]>> {
    const [first] = drafts;
    if (first === undefined) return ok([]);
    if ((await this.#deps.subscriptions.find(first.subscriptionId, scope.trx)) === null)
      return notFound(["input", "subscriptionId"], "subscription");
    return ok(await this.#insert(scope, drafts));
  }

  async #insert(scope: UnitOfWork, drafts: readonly IntegrationDraft[]): Promise<readonly Integration[]> {
    const integrations = drafts.map(
      ({ id, subscriptionId, content }): Integration => ({
        ...content,
        id,
        subscriptionId,
        version: 1,
        createdAtMs: scope.nowMs,
        updatedAtMs: scope.nowMs,
      }),
    );
    await insertIntegrations(scope.trx, integrations);
    for (const integration of integrations) {
      if (isRoutable(integration)) scope.upsert("integration", integration.id);
      auditIntegration(scope, "create", null, integration);
    }
    return integrations;
  }

  async update(context: WorkContext, input: UpdateIntegration): Promise<Outcome<Committed<Integration>>> {
    const failure = checkNulls(input, alwaysSet);
    if (failure !== null) return failure;
    return this.#deps.units.run(context, (scope) => this.updateIn(scope, input));
  }

  /** As `update`, as a part of what else is written in the scope. */
  async updateIn(scope: UnitOfWork, input: UpdateIntegration): Promise<Outcome<Integration>> {
    const { allow, credentials, uses } = this.#deps;
    const before = await findIntegration(scope.trx, input.id);
    if (before === null) return notFound(["input", "id"], "integration");
    const stale = checkVersion(before, input.expectedVersion);
    if (stale !== null) return stale;
    const problems = new Problems();
    const content = applyIntegrationForm(problems, before, input, allow);
    if (
      !isDeepStrictEqual(content.credentialIds, before.credentialIds) ||
      !isDeepStrictEqual(content.urls, before.urls)
    )
      await checkCredentials(problems, credentials, scope.trx, { ...before, ...content });
    if (problems.any) return problems.failure();
    if (isRoutable(before) && !isRoutable(content)) {
      const inUse = await refuseInUse(uses, scope.trx, before.id, {
        field: ["input", "inboundKind"],
        verb: "changed to another kind",
      });
      if (inUse !== null) return inUse;
    }
    const unfit = await refuseUnfit(uses, scope.trx, before, content.urls);
    if (unfit !== null) return unfit;
    const changed: Integration = { ...before, ...content };
    if (isDeepStrictEqual(changed, before)) return ok(before);
    const after: Integration = { ...changed, version: before.version + 1, updatedAtMs: scope.nowMs };
    await updateIntegration(scope.trx, after);
    recordChange(scope, before, after);
    if (JSON.stringify(describedOf(before)) !== JSON.stringify(describedOf(after)))
      await uses.documentsChanged(scope, after.id);
    auditIntegration(scope, "update", before, after);
    return ok(after);
  }

  delete(context: WorkContext, input: DeleteIntegration): Promise<Outcome<Committed<Integration>>> {
    return this.#deps.units.run(context, async (scope) => {
      const integration = await findIntegration(scope.trx, input.id);
      if (integration === null) return notFound(["input", "id"], "integration");
      const stale = checkVersion(integration, input.expectedVersion);
      if (stale !== null) return stale;
      const inUse = await refuseInUse(this.#deps.uses, scope.trx, integration.id, {
        field: ["input", "id"],
        verb: "deleted",
      });
      if (inUse !== null) return inUse;
      await deleteIntegration(scope.trx, integration.id);
      if (isRoutable(integration)) scope.remove("integration", integration.id);
      auditIntegration(scope, "delete", integration, null);
      return ok(integration);
    });
  }

  /** Connects to one of its stored URLs, and to no other, with its credentials. Written to the audit log. */
  async test(context: WorkContext, input: TestIntegration): Promise<Outcome<Committed<ProbeResult>>> {
    const integration = await this.find(input.id);
    if (integration === null) return notFound(["input", "id"], "integration");
    const url = input.url ?? integration.urls[0];
    if (url === undefined || !integration.urls.includes(url))
      return userError("INVALID", ["input", "url"], "The integration does not have this URL: save it first.");
    const { credentials, db, probe } = this.#deps;
    const used = await credentials.findMany(db, integration.credentialIds);
    const login = await probeLogin(used, (credential) => credentials.secretOf(db, credential));
    const result = await probe.run(url, integration.policy.healthCheck?.path ?? null, login);
    if (result === null)
      return userError(
        "INVALID",
        ["input"],
        "Other connections are being tested: try again in a few seconds.",
      );
    return this.#deps.units.run(context, async (scope) => {
      const problem = result.steps.at(-1)?.problem ?? null;
      scope.audit({
        action: "integration.test",
        targetKind: "integration",
        targetId: integration.id,
        targetName: integration.name,
        subscriptionId: integration.subscriptionId,
        before: null,
        after: { url, status: result.status, problem },
      });
      return ok(result);
    });
  }
}

/** Tells nodes what they must know, if it is anything. */
function recordChange(scope: UnitOfWork, before: Integration, after: Integration): void {
  if (!isRoutable(after)) {
    if (isRoutable(before)) scope.remove("integration", after.id);
    return;
  }
  const known = isRoutable(before) ? encodeResource(toIntegrationResource(before)).body : null;
  const wanted = encodeResource(toIntegrationResource(after)).body;
  if (known === null || Buffer.compare(known, wanted) !== 0) scope.upsert("integration", after.id);
}

/** What OpenAPI documents have of an integration. */
function describedOf({ name, contract, policy }: Integration): readonly unknown[] {
  return [name, contract, policy.webSockets];
}
