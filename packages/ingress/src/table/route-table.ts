/**
 * HOT (find). Everything a node knows, at one revision: key digest → key → API → routes → integration. A request
 * reads what it needs synchronously, and changes are committed synchronously, so it sees one revision or the next.
 * Only table-change.ts changes it.
 */
import { API_KEY_LENGTH, isApiKeyForm, keyDigest } from "@latchkey/core";
import { DigestSum, type Version } from "@latchkey/snapshot";
import { ApiSlot } from "./api-slot.js";
import type { SlotSource } from "./compiled-api.js";
import { type IntegrationHandle, IntegrationSlot } from "./integration-slot.js";
import type { KeyEntry, SecretSlot } from "./key-entry.js";
import { PresentedCache } from "./presented-cache.js";
import { RecordStore } from "./record-store.js";
import { ShardedMap } from "./sharded-map.js";
import { UnknownSecrets } from "./unknown-secrets.js";

export interface TableCounts {
  readonly apis: number;
  readonly keys: number;
  readonly integrations: number;
  readonly quarantined: number;
}

let tables = 0;

export class RouteTable<I extends IntegrationHandle = IntegrationHandle> {
  /** No other table of this process has it. */
  readonly number = ++tables;
  version: Version;
  digest = new DigestSum();
  /** All resources, those put aside included: what the digest is over. */
  readonly records = new RecordStore();
  readonly secrets = new ShardedMap<SecretSlot>();
  readonly unknownSecrets = new UnknownSecrets();
  readonly keys = new ShardedMap<KeyEntry>();
  readonly apis = new ShardedMap<ApiSlot<I>>();
  readonly integrations = new ShardedMap<IntegrationSlot<I>>();
  /** Name → why this node cannot use it. */
  readonly quarantine = new Map<string, string>();
  /** One for all APIs. */
  readonly slotSource: SlotSource<I> = (id) => this.integrationSlot(id);
  readonly #presented = new PresentedCache();

  constructor(version: Version) {
    this.version = version;
  }

  /**
   * HOT. Where a presented secret leads, or null. A secret seen before, known or not, is not hashed again; one that is
   * not of the form of a key is not hashed at all.
   */
  find(secret: string): SecretSlot | null {
    if (secret.length !== API_KEY_LENGTH) return null;
    const seen = this.#presented.get(secret);
    if (seen !== null && seen.key !== null) return seen;
    if (this.unknownSecrets.has(secret)) return null;
    const slot = isApiKeyForm(secret) ? this.secrets.get(keyDigest(secret).toString("latin1")) : undefined;
    if (slot === undefined) {
      this.unknownSecrets.add(secret);
      return null;
    }
    this.#presented.set(secret, slot);
    return slot;
  }

  counts(): TableCounts {
    return {
      apis: this.apis.size,
      keys: this.keys.size,
      integrations: this.integrations.size,
      quarantined: this.quarantine.size,
    };
  }

  apiSlot(id: string): ApiSlot<I> {
    let slot = this.apis.get(id);
    if (slot === undefined) {
      slot = new ApiSlot<I>(id);
      this.apis.set(id, slot);
    }
    return slot;
  }

  integrationSlot(id: string): IntegrationSlot<I> {
    let slot = this.integrations.get(id);
    if (slot === undefined) {
      slot = new IntegrationSlot<I>(id);
      this.integrations.set(id, slot);
    }
    return slot;
  }
}
