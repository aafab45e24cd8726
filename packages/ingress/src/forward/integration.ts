/**
 * An integration as the forwarder sees it: its targets, its limits, its retries. Made when a revision is
 * prepared; opens no connection before its first request.
 */
import { err, type IngressErrorCode, isToken, ok, type Result } from "@latchkey/core";
import { SharedHeaders, type UpstreamError } from "@latchkey/http1";
import { type CredentialResource, type IntegrationResource, METHOD_AS_RECEIVED } from "@latchkey/snapshot";
import type { IngressConfig } from "../config.js";
import { InFlight, SubscriptionsInFlight } from "../limits/in-flight.js";
import { RequestLimits } from "../limits/rate-limiter.js";
import { SharedPlaces } from "../limits/shared-places.js";
import { type CompiledHeaderRules, compileHeaderRules } from "../policies/header-rules.js";
import type { CredentialHandle, CredentialRef } from "../table/credential-ref.js";
import type { IntegrationHandle } from "../table/integration-ref.js";
import type { IntegrationFactory } from "../table/table-change.js";
import type { Credential } from "../upstream-auth/credential.js";
import type { Credentials } from "../upstream-auth/credentials.js";
import { Login } from "../upstream-auth/login.js";
import { HealthChecker } from "./health-checker.js";
import { RetryBudget } from "./retry-budget.js";
import { parseTargetUrl, Target } from "./target.js";
import { failureText, type UpstreamFailures } from "./upstream-failures.js";
import type { UpstreamPools } from "./upstream-pools.js";

/** Of an integration with several URLs and no circuit breaker of its own. */
const DEFAULT_EJECTION = { failures: 5, openMs: 10_000 } as const;

export interface IntegrationSettings {
  readonly requestBodyBytesMax: number;
  /** 0 = no limit. */
  readonly responseBodyBytesMax: number;
  /** 0 = none but the node's. */
  readonly concurrentRequestsMax: number;
  /** Of a WebSocket, both ways. */
  readonly silenceMs: number;
}

export interface IntegrationParts {
  readonly resource: IntegrationResource;
  readonly targets: readonly Target[];
  readonly settings: IntegrationSettings;
  /** Of the revision before; null: it is new. */
  readonly previous: Integration | null;
  /** What its subscription has in flight. */
  readonly subscription: InFlight;
  readonly failures: UpstreamFailures;
  readonly headerRules: CompiledHeaderRules;
  /** Null: requests go to it without credentials. */
  readonly login: Login | null;
}

export class Integration implements IntegrationHandle {
  readonly id: string;
  readonly targets: readonly Target[];
  readonly settings: IntegrationSettings;
  readonly retryBudget: RetryBudget;
  readonly resource: IntegrationResource;
  readonly inFlight: InFlight;
  readonly places: SharedPlaces;
  readonly subscription: InFlight;
  readonly headerRules: CompiledHeaderRules;
  /** Null: requests go to it without credentials. */
  readonly login: Login | null;
  readonly limits: RequestLimits | null;

  #headers: SharedHeaders | null = null;
  readonly #isLeastRequests: boolean;
  readonly #health: HealthChecker | null;
  readonly #failures: UpstreamFailures;
  #next = 0;
  #isRetired = false;

  constructor({
    resource,
    targets,
    settings,
    previous,
    subscription,
    failures,
    headerRules,
    login,
  }: IntegrationParts) {
    this.id = resource.id;
    this.resource = resource;
    this.targets = targets;
    this.settings = settings;
    this.inFlight = previous?.inFlight ?? new InFlight();
    this.places = previous?.places ?? new SharedPlaces();
    this.subscription = subscription;
    this.headerRules = headerRules;
    this.login = login;
    this.limits = RequestLimits.of("integration", resource.id, resource, previous?.limits ?? null);
    this.#failures = failures;
    this.retryBudget = new RetryBudget(resource.retry.attemptsMax, resource.retry.budgetPercent);
    this.#isLeastRequests = resource.loadBalancing === "least-requests";
    this.#health =
      resource.healthCheck === null
        ? null
        : new HealthChecker(resource.healthCheck, targets, login, (target, failure) =>
            failures.healthChanged(resource.id, target.url.hostHeader, failure),
          );
  }

  /** Of its own limit and the route's the smaller one. @param ofRoute 0: the route has none */
  requestBodyBytesMax(ofRoute: number): number {
    const { requestBodyBytesMax } = this.settings;
    return ofRoute === 0 ? requestBodyBytesMax : Math.min(ofRoute, requestBodyBytesMax);
  }

  get credentialIds(): readonly string[] {
    return this.resource.credentialIds;
  }

  link(credential: CredentialRef): void {
    this.login?.add(credential);
  }

  /** The method of the upstream request. @param received the client's */
  methodFor(received: string): string {
    const { method } = this.resource;
    return method === METHOD_AS_RECEIVED ? received : method;
  }

  /** Bodies are kept for a second attempt only where there may be one. */
  get mayRetry(): boolean {
    return this.targets.length > 1 || this.retryBudget.attemptsMax > 0 || this.login?.hasTokens === true;
  }

  /** Whether a body is read whole before its first byte goes on: its digest is in the head. */
  get needsWholeBody(): boolean {
    const signer = this.login === null ? null : this.login.signer;
    return signer !== null && this.targets.some(({ url }) => signer.signsBody(url.isTls));
  }

  /** What every request to it says. */
  get headers(): SharedHeaders {
    this.#headers ??= new SharedHeaders(["ConfigCorrelationId", this.id]);
    return this.#headers;
  }

  /** The target for the next request, or null when none is in rotation. `except` only if there is no other. */
  pick(except: Target | null): Target | null {
    if (!this.#isRetired) this.#health?.start();
    const { targets } = this;
    const count = targets.length;
    if (count === 1) {
      const only = targets[0] as Target;
      return only.isAvailable() ? only : null;
    }
    let best: Target | null = null;
    for (let i = 0; i < count; i++) {
      const target = targets[(this.#next + i) % count] as Target;
      if (target === except || !target.isAvailable()) continue;
      if (!this.#isLeastRequests) {
        best = target;
        this.#next = (this.#next + i + 1) % count;
        return best;
      }
      if (best === null || target.inFlight < best.inFlight) best = target;
    }
    this.#next = (this.#next + 1) % count;
    if (best === null && except?.isAvailable() === true) return except;
    return best;
  }

  /** Says in the log why a request to a target failed. */
  failed(target: Target, code: IngressErrorCode, error: UpstreamError, requestId: string): void {
    if (error.code === "client_closed") return; // this node shuts down
    target.lastError = failureText(error);
    this.#failures.report(this.id, target.url.hostHeader, code, error, requestId);
  }

  retire(): void {
    if (this.#isRetired) return;
    this.#isRetired = true;
    this.#health?.stop();
    for (const target of this.targets) target.retire();
  }
}

/** Makes integrations with this node's defaults. */
export class Integrations implements IntegrationFactory<Integration> {
  readonly #subscriptions = new SubscriptionsInFlight();
  readonly #config: IngressConfig;
  readonly #pools: UpstreamPools;
  readonly #failures: UpstreamFailures;
  readonly #credentials: Credentials;

  constructor(
    config: IngressConfig,
    pools: UpstreamPools,
    failures: UpstreamFailures,
    credentials: Credentials,
  ) {
    this.#config = config;
    this.#credentials = credentials;
    this.#pools = pools;
    this.#failures = failures;
  }

  createCredential(resource: CredentialResource, previous: CredentialHandle | null): Credential {
    return this.#credentials.create(resource, previous as Credential | null);
  }

  create(resource: IntegrationResource, previous: Integration | null): Result<Integration, string> {
    const { upstreams, limits } = this.#config;
    if (!isToken(resource.method) || resource.method === "CONNECT")
      return err("the method is not one that can be sent");
    const headerRules = compileHeaderRules(resource.headerRules, resource.spelledHeaders);
    if (!headerRules.ok) return headerRules;
    const targets: Target[] = [];
    const login = resource.credentialIds.length === 0 ? null : new Login();
    const ejection = resource.circuitBreaker ?? (resource.urls.length > 1 ? DEFAULT_EJECTION : null);
    for (const text of resource.urls) {
      const url = parseTargetUrl(text);
      if (!url.ok) return err(url.error);
      const origin = {
        subscriptionId: resource.subscriptionId,
        host: url.value.host,
        port: url.value.port,
        isTls: url.value.isTls,
        hostHeader: url.value.hostHeader,
        connectTimeoutMs: resource.limits.connectTimeoutMs || upstreams.connectTimeoutMs,
        headTimeoutMs: resource.limits.firstByteTimeoutMs || upstreams.firstByteTimeoutMs,
        bodyIdleTimeoutMs: resource.limits.bodyIdleTimeoutMs || upstreams.bodyIdleTimeoutMs,
        // A limit of the integration's own is meant for whatever it sends.
        eventStreamIdleTimeoutMs: resource.limits.bodyIdleTimeoutMs || upstreams.eventStreamIdleTimeoutMs,
      };
      targets.push(
        new Target({
          text,
          url: url.value,
          pools: this.#pools,
          origin,
          login,
          failuresToOpen: ejection?.failures ?? 0,
          openMs: ejection?.openMs ?? 0,
        }),
      );
    }
    for (const target of targets) {
      const same = previous?.targets.find((candidate) => candidate.text === target.text);
      if (same !== undefined) target.inherit(same);
    }
    return ok(
      new Integration({
        resource,
        targets,
        settings: {
          requestBodyBytesMax: resource.limits.requestBodyBytesMax || limits.requestBodyBytesMax,
          responseBodyBytesMax: resource.limits.responseBodyBytesMax || limits.responseBodyBytesMax,
          concurrentRequestsMax: resource.limits.concurrentRequestsMax,
          silenceMs: resource.limits.bodyIdleTimeoutMs || upstreams.eventStreamIdleTimeoutMs,
        },
        previous,
        subscription: this.#subscriptions.of(resource.subscriptionId),
        failures: this.#failures,
        headerRules: headerRules.value,
        login,
      }),
    );
  }
}
