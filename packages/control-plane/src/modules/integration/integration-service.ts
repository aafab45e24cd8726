/** Use cases of integrations. What nodes must know of them makes a revision; those with another inbound kind than API stay here. */
import { isDeepStrictEqual } from "node:util";
import { type IntegrationId, newId, ok, parseRoutePattern, type SubscriptionId } from "@latchkey/core";
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
import type { RouteMethod } from "../api/api.js";
import type { Credential } from "../credential/credential.js";
import type { SubscriptionService } from "../subscription/subscription-service.js";
import { type Integration, type IntegrationTarget, isRoutable } from "./integration.js";
import {
  applyIntegrationForm,
  emptyIntegration,
  type IntegrationContent,
  type IntegrationForm,
} from "./integration-form.js";
import { toIntegrationResource } from "./integration-resource.js";
import {
  countIntegrations,
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
import { probeLogin } from "./probe-login.js";
import type { ProbeResult, UpstreamProbe } from "./upstream-probe.js";
import { checkUpstreamUrl, missingPlaceholder, type UpstreamAllowList } from "./upstream-url.js";

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

/** A route that names an integration, for the sentence that refuses to delete it. */
export interface RouteUse {
  readonly apiId: string;
  readonly apiTitle: string;
  readonly method: RouteMethod;
  readonly pattern: string;
}

/** Who uses an integration; the api module knows. */
export interface IntegrationUses {
  /** @param limit null: all */
  routesOf(db: Db, integrationId: string, limit: number | null): Promise<readonly RouteUse[]>;
  countRoutesOf(db: Db, integrationId: string): Promise<number>;
  /** OpenAPI documents that describe the integration say something else from now on. */
  documentsChanged(scope: UnitOfWork, integrationId: string): Promise<void>;
}

/** The credentials that integrations name; the credential module knows. */
export interface IntegrationCredentials {
  findMany(db: Db, ids: readonly string[]): Promise<readonly Credential[]>;
  /** In clear; null: it is not kept here, or cannot be decrypted. */
  secretOf(db: Db, credential: Credential): Promise<string | null>;
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

/** Routes named in a user error; the rest is counted. */
const ROUTES_NAMED_MAX = 10;

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
    if (subscription !== null) await this.#checkCredentials(problems, scope.trx, subscription.id, content);
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
      audit(scope, "create", null, integration);
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
    const { allow, uses } = this.#deps;
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
      await this.#checkCredentials(problems, scope.trx, before.subscriptionId, content);
    if (problems.any) return problems.failure();
    if (isRoutable(before) && !isRoutable(content)) {
      const inUse = await this.#refuseInUse(
        scope.trx,
        before.id,
        ["input", "inboundKind"],
        "changed to another kind",
      );
      if (inUse !== null) return inUse;
    }
    const unfit = await this.#refuseUnfit(scope.trx, before, content.urls);
    if (unfit !== null) return unfit;
    const changed: Integration = { ...before, ...content };
    if (isDeepStrictEqual(changed, before)) return ok(before);
    const after: Integration = { ...changed, version: before.version + 1, updatedAtMs: scope.nowMs };
    await updateIntegration(scope.trx, after);
    recordChange(scope, before, after);
    if (JSON.stringify(describedOf(before)) !== JSON.stringify(describedOf(after)))
      await uses.documentsChanged(scope, after.id);
    audit(scope, "update", before, after);
    return ok(after);
  }

  delete(context: WorkContext, input: DeleteIntegration): Promise<Outcome<Committed<Integration>>> {
    return this.#deps.units.run(context, async (scope) => {
      const integration = await findIntegration(scope.trx, input.id);
      if (integration === null) return notFound(["input", "id"], "integration");
      const stale = checkVersion(integration, input.expectedVersion);
      if (stale !== null) return stale;
      const inUse = await this.#refuseInUse(scope.trx, integration.id, ["input", "id"], "deleted");
      if (inUse !== null) return inUse;
      await deleteIntegration(scope.trx, integration.id);
      if (isRoutable(integration)) scope.remove("integration", integration.id);
      audit(scope, "delete", integration, null);
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

  /** A credential of another subscription looks like one that does not exist. */
  async #checkCredentials(
    problems: Problems,
    db: Db,
    subscriptionId: string,
    { credentialIds: ids, urls }: Pick<Integration, "credentialIds" | "urls">,
  ): Promise<void> {
    if (ids.length === 0) return;
    const field = ["input", "credentialIds"];
    const found = await this.#deps.credentials.findMany(db, ids);
    const own = found.filter((credential) => credential.subscriptionId === subscriptionId);
    if (own.length < ids.length)
      problems.add("NOT_FOUND", field, "The integration's subscription has no credential with this id.");
    const places = own.map(placeOf);
    const twice = places.find((place, i) => places.indexOf(place) < i);
    if (twice !== undefined) problems.add("INVALID", field, `Two of the credentials set the same: ${twice}.`);
    const plain = urls.find((url) => !url.startsWith("https:"));
    if (plain !== undefined && own.some(({ scheme }) => scheme.kind === "mutual-tls"))
      problems.add("INVALID", field, `A client certificate needs https, and ${plain} is not.`);
  }

  async #refuseInUse(db: Db, id: string, field: readonly string[], verb: string) {
    const { uses } = this.#deps;
    const count = await uses.countRoutesOf(db, id);
    if (count === 0) return null;
    const named = await uses.routesOf(db, id, ROUTES_NAMED_MAX);
    const which = `${count === 1 ? "a route uses" : "routes use"} it: ${listOf(named, count)}`;
    return userError("IN_USE", field, `The integration cannot be ${verb}: ${which}.`);
  }

  /** New URLs that take parameters which routes to the integration do not have. */
  async #refuseUnfit(db: Db, before: Integration, urls: readonly string[]) {
    if (isDeepStrictEqual(urls, before.urls)) return null;
    const uses = await this.#deps.uses.routesOf(db, before.id, null);
    const unfit = uses.flatMap((use) => {
      const parsed = parseRoutePattern(use.pattern);
      const missing = missingPlaceholder(urls, parsed.ok ? parsed.value.parameterNames : []);
      return missing === undefined ? [] : [{ use, missing }];
    });
    const [first] = unfit;
    if (first === undefined) return null;
    const named = unfit.slice(0, ROUTES_NAMED_MAX).map(({ use }) => use);
    return userError(
      "INVALID",
      ["input", "urls"],
      `The URLs take {${first.missing}}, and the paths of these routes have no parameter of this name: ${listOf(named, unfit.length)}.`,
    );
  }
}

/** @param count of all of them, those that are not named among them */
function listOf(named: readonly RouteUse[], count: number): string {
  const list = named.map((use) => `${use.method} ${use.pattern} of "${use.apiTitle}"`).join(", ");
  return count > named.length ? `${list} and ${count - named.length} more` : list;
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

function audit(
  scope: UnitOfWork,
  verb: "create" | "update" | "delete",
  before: Integration | null,
  after: Integration | null,
): void {
  const subject = after ?? before;
  if (subject === null) return;
  scope.audit({
    action: `integration.${verb}`,
    targetKind: "integration",
    targetId: subject.id,
    targetName: subject.name,
    subscriptionId: subject.subscriptionId,
    before: before === null ? null : auditView(before),
    after: after === null ? null : auditView(after),
  });
}

function auditView(integration: Integration): object {
  const { name, description, inboundKind, urls, method, policy, contract, credentialIds } = integration;
  return { name, description, inboundKind, urls, method, ...policy, ...contract, credentialIds };
}

/** What OpenAPI documents have of an integration. */
function describedOf({ name, contract, policy }: Integration): readonly unknown[] {
  return [name, contract, policy.webSockets];
}

/** What a credential sets in a request: two cannot set the same. */
function placeOf({ scheme }: Credential): string {
  switch (scheme.kind) {
    case "header":
      return `the header ${scheme.name.toLowerCase()}`;
    case "query":
      return `the query parameter ${scheme.name}`;
    case "mutual-tls":
      return "the client certificate";
    default:
      return "the header authorization";
  }
}
