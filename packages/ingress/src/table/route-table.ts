/**
 * Everything a node knows, at one revision: key digest → key → API → routes → integration. A request
 * reads what it needs synchronously, and changes are committed synchronously, so it sees one revision or the next.
 * Only table-change.ts changes it.
 */
import { API_KEY_LENGTH, isApiKeyForm, keyDigest } from "@latchkey/core";
import { DigestSum, type Revision } from "@latchkey/snapshot";
import type { RequestLimits } from "../limits/rate-limiter.js";
import { AllowedOrigins } from "./allowed-origins.js";
import { ApiRef } from "./api-ref.js";
import { CredentialRef } from "./credential-ref.js";
import { type IntegrationHandle, IntegrationRef } from "./integration-ref.js";
import type { KeyEntry, KeyRef } from "./key-entry.js";
import { LookupCache } from "./lookup-cache.js";
import { PathCache } from "./path-cache.js";
import { RecordStore } from "./record-store.js";
import { ShardedMap } from "./sharded-map.js";
import { UnknownSecrets } from "./unknown-secrets.js";

export interface TableCounts {
  readonly apis: number;
  readonly keys: number;
  readonly integrations: number;
}

export class RouteTable<I extends IntegrationHandle = IntegrationHandle> {
  revision: Revision;
  digest = new DigestSum();
  /** All resources, quarantined ones included: what the digest is over. */
  readonly records = new RecordStore();
  readonly secrets = new ShardedMap<KeyRef>();
  readonly unknownSecrets = new UnknownSecrets();
  readonly keys = new ShardedMap<KeyEntry>();
  readonly apis = new ShardedMap<ApiRef<I>>();
  readonly integrations = new ShardedMap<IntegrationRef<I>>();
  readonly credentials = new Map<string, CredentialRef>();
  /** What the CORS policies of all APIs allow together. */
  readonly allowedOrigins = new AllowedOrigins();
  /** Name → why this node cannot use it. */
  readonly quarantine = new Map<string, string>();
  readonly paths: PathCache;
  readonly #lookups = new LookupCache();

  /** @param paths of the table that this one will replace */
  constructor(revision: Revision, paths = new PathCache()) {
    this.revision = revision;
    this.paths = paths;
  }

  /**
   * Where a presented secret leads, or null. A secret seen before, known or not, is not hashed again; one that is
   * not of the form of a key is not hashed at all.
   */
  find(secret: string): KeyRef | null {
    if (secret.length !== API_KEY_LENGTH) return null;
    const seen = this.#lookups.get(secret);
    if (seen !== null && seen.key !== null) return seen;
    if (this.unknownSecrets.has(secret)) return null;
    const keyRef = isApiKeyForm(secret) ? this.secrets.get(keyDigest(secret).toString("latin1")) : undefined;
    if (keyRef === undefined) {
      this.unknownSecrets.add(secret);
      return null;
    }
    this.#lookups.set(secret, keyRef);
    return keyRef;
  }

  counts(): TableCounts {
    return {
      apis: this.apis.size,
      keys: this.keys.size,
      integrations: this.integrations.size,
    };
  }

  /** Null: the table has no such limits. @param name `RequestLimits.name` */
  limitsNamed(name: string): RequestLimits | null {
    const [owner, id = "", ...rest] = name.split("/");
    switch (owner) {
      case "key":
        return this.keys.get(id)?.limits ?? null;
      case "api":
        return this.apis.get(id)?.current?.built()?.limits.api ?? null;
      case "route":
        return this.apis.get(id)?.current?.built()?.limits.routes.get(rest.join("/")) ?? null;
      default:
        return this.integrations.get(id)?.current?.limits ?? null;
    }
  }

  apiRef(id: string): ApiRef<I> {
    let reference = this.apis.get(id);
    if (reference === undefined) {
      reference = new ApiRef<I>(id);
      this.apis.set(id, reference);
    }
    return reference;
  }

  credentialRef(id: string): CredentialRef {
    let reference = this.credentials.get(id);
    if (reference === undefined) {
      reference = new CredentialRef(id);
      this.credentials.set(id, reference);
    }
    return reference;
  }

  integrationRef(id: string): IntegrationRef<I> {
    let reference = this.integrations.get(id);
    if (reference === undefined) {
      reference = new IntegrationRef<I>(id);
      this.integrations.set(id, reference);
    }
    return reference;
  }
}
