import { generateApiKey, keyDigest, ok, type Result } from "@latchkey/core";
import {
  digestOf,
  encodeResource,
  type IntegrationResource,
  type KeyMode,
  type Resource,
  type ResourceRecord,
  type Revision,
  resourceName,
} from "@latchkey/snapshot";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aKey, anApi, anIntegration, aRoute } from "../testing/world.js";
import { TableBuilder } from "./build-table.js";
import type { CompiledRoute } from "./compiled-api.js";
import type { CredentialHandle } from "./credential-ref.js";
import type { IntegrationHandle } from "./integration-ref.js";
import { RouteTable } from "./route-table.js";
import {
  commitChange,
  digestAfter,
  type IntegrationFactory,
  prepareChange,
  stamp,
  type TableChange,
} from "./table-change.js";

interface Handle extends IntegrationHandle {
  readonly urls: readonly string[];
  readonly isRetired: () => boolean;
}

/** Refuses URLs that say "bad", and counts what is not retired. */
class Factory implements IntegrationFactory<Handle> {
  live = 0;
  createCredential(): CredentialHandle {
    return { problem: null, look: () => undefined };
  }
  create(resource: IntegrationResource): Result<Handle, string> {
    if (resource.urls[0]?.includes("bad") === true) return { ok: false, error: "bad URL" };
    this.live++;
    let isRetired = false;
    return ok({
      id: resource.id,
      credentialIds: resource.credentialIds,
      link: () => undefined,
      urls: resource.urls,
      isRetired: () => isRetired,
      limits: null,
      retire: () => {
        if (!isRetired) this.live--;
        isRetired = true;
      },
    });
  }
}

const ZERO: Revision = { epoch: 1, number: 0 };
const SECRETS = Array.from({ length: 6 }, () => generateApiKey());
const secret = (i: number) => SECRETS[i] as string;
const METHODS = ["GET", "POST", "ANY"] as const;
const PATTERNS = ["/a", "/a/{x}", "/{y}/b", "/c/{rest*}", "bad pattern", "/a/{x}/{x}"] as const;
const PATHS = ["/a", "/a/1", "/z/b", "/c/d/e", "/nope"] as const;

async function built(records: Iterable<ResourceRecord>): Promise<RouteTable<Handle>> {
  const builder = new TableBuilder<Handle>(ZERO, new Factory(), null);
  await builder.add(records);
  return builder.table;
}

function apply(table: RouteTable<Handle>, change: TableChange, factory: Factory): void {
  const digest = digestAfter(table, change);
  commitChange(table, prepareChange(change, factory, table), table);
  stamp(table, { epoch: 1, number: table.revision.number + 1 }, digest);
}

/** Everything that a request, an ACK or an operator can see of a table. */
function behaviour(table: RouteTable<Handle>): unknown {
  const requests: unknown[] = [];
  for (const presented of SECRETS) {
    const keyRef = table.find(presented);
    const key = keyRef?.key ?? null;
    if (keyRef === null || key === null) {
      requests.push(null);
      continue;
    }
    const api = key.api.current;
    const responses = PATHS.flatMap((path) =>
      ["GET", "DELETE"].map((method) => {
        const built = api?.built() ?? null;
        if (built === null) return null;
        const match = built.router.find(method, path);
        if (match === null || match.kind !== "match") return match;
        const route = built.routes[match.route.value] as CompiledRoute<Handle>;
        const { id, integration } = route;
        const { parameterHeaders } = route.path;
        const handle = integration.current as Handle | null;
        return { id, parameterHeaders, values: match.parameterValues, urls: handle?.urls ?? null };
      }),
    );
    const { id, isActive, isWebhook, expiresAtMs } = key;
    requests.push({
      id,
      isActive,
      isWebhook,
      expiresAtMs,
      notAfterMs: keyRef.notAfterMs,
      api: key.api.id,
      responses,
    });
  }
  return {
    requests,
    digest: Buffer.from(table.digest.bytes()).toString("hex"),
    quarantine: [...table.quarantine].sort(),
    records: [...table.records.values()].map(resourceName).sort(),
    keys: [...table.keys.entries()].map(([name]) => name).sort(),
    apis: [...table.apis.entries()]
      .map(([name, reference]) => [name, reference.keyCount, reference.current !== null])
      .sort(),
    secrets: table.secrets.size,
    integrations: [...table.integrations.values()]
      .filter((reference) => reference.current !== null)
      .map((reference) => reference.id)
      .sort(),
  };
}

const anyIntegration: fc.Arbitrary<Resource> = fc
  .record({ n: fc.nat(3), url: fc.constantFrom("http://one/", "http://two/", "http://bad/") })
  .map(({ n, url }) => anIntegration(`int_${n}`, url));
const anyApi: fc.Arbitrary<Resource> = fc
  .record({
    n: fc.nat(3),
    routes: fc.array(fc.tuple(fc.constantFrom(...METHODS), fc.constantFrom(...PATTERNS), fc.nat(3)), {
      maxLength: 4,
    }),
  })
  .map(({ n, routes }) =>
    anApi(
      `api_${n}`,
      routes.map(([method, pattern, i]) => aRoute(method, pattern, `int_${i}`)),
    ),
  );
const anyKey: fc.Arbitrary<Resource> = fc
  .record({
    n: fc.nat(4),
    api: fc.nat(3),
    active: fc.boolean(),
    mode: fc.constantFrom<KeyMode>("header", "webhook"),
    secrets: fc.uniqueArray(fc.nat(5), { maxLength: 3 }),
    notAfterMs: fc.constantFrom(0, 5000),
  })
  .map(
    ({ n, api, active, mode, secrets, notAfterMs }) =>
      aKey(`key_${n}`, `api_${api}`, {
        active,
        mode,
        secrets: secrets.map((i) => ({ digest: keyDigest(secret(i)), notAfterMs: i === 0 ? 0 : notAfterMs })),
      }).resource,
  );
const unknownKind: fc.Arbitrary<ResourceRecord> = fc
  .nat(2)
  .map((n) => ({ kind: "hologram", id: `h_${n}`, body: Buffer.from("from the future") }));
const damaged: fc.Arbitrary<ResourceRecord> = fc.constantFrom("api", "integration", "key").map((kind) => ({
  kind,
  id: `${kind === "integration" ? "int" : kind}_0`,
  body: Buffer.from([0xff, 0xff, 0xff]),
}));
const anyRecord = fc.oneof(
  { weight: 10, arbitrary: fc.oneof(anyIntegration, anyApi, anyKey).map(encodeResource) },
  { weight: 1, arbitrary: unknownKind },
  { weight: 1, arbitrary: damaged },
);
const anyChange = fc.record({
  upserts: fc.uniqueArray(anyRecord, { maxLength: 5, selector: resourceName }),
  removals: fc.uniqueArray(
    fc.tuple(fc.constantFrom("api", "integration", "key", "hologram"), fc.nat(4)).map(([kind, n]) => ({
      kind,
      id: `${kind === "integration" ? "int" : kind === "hologram" ? "h" : kind}_${n}`,
    })),
    { maxLength: 3, selector: resourceName },
  ),
});

describe("a table", () => {
  it("is the same whether it is applied by deltas or built from scratch", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyChange, { maxLength: 12 }), async (changes) => {
        const factory = new Factory();
        const table = new RouteTable<Handle>(ZERO);
        const records = new Map<string, ResourceRecord>();
        for (const change of changes) {
          apply(table, change, factory);
          for (const ref of change.removals) records.delete(resourceName(ref));
          for (const record of change.upserts) records.set(resourceName(record), record);
          // Half of the APIs are built on the way, as by requests: a built one must go as cleanly as one that is not.
          for (const reference of table.apis.values())
            if (reference.id.endsWith("1")) reference.current?.built();
          const scratch = await built(records.values());
          expect(behaviour(table)).toEqual(behaviour(scratch));
          expect(Buffer.from(table.digest.bytes())).toEqual(Buffer.from(digestOf(records.values())));
          expect(factory.live).toBe(scratch.counts().integrations - emptyRefs(scratch));
        }
      }),
      { numRuns: 150 },
    );
  });

  it("leaves no reference behind when everything is removed", async () => {
    const factory = new Factory();
    const table = new RouteTable<Handle>(ZERO);
    const resources = [
      anIntegration("int_1", "http://one/"),
      anApi("api_1", [aRoute("GET", "/a", "int_1"), aRoute("GET", "/b", "int_missing")]),
      aKey("key_1", "api_1", {}, secret(0)).resource,
    ];
    apply(table, { upserts: resources.map(encodeResource), removals: [] }, factory);
    table.find(secret(0))?.key?.api.current?.built();
    apply(table, { upserts: [], removals: resources.map(({ kind, id }) => ({ kind, id })) }, factory);
    expect(table.counts()).toEqual({ apis: 0, keys: 0, integrations: 0 });
    expect([[...table.records.values()].length, table.secrets.size, factory.live]).toEqual([0, 0, 0]);
    expect(Buffer.from(table.digest.bytes()).equals(Buffer.alloc(32))).toBe(true);
  });

  it("puts one unusable resource aside by name and applies the rest", async () => {
    const table = await built(
      [
        anIntegration("int_bad", "http://bad/"),
        anIntegration("int_1", "http://one/"),
        anApi("api_bad", [aRoute("GET", "no slash", "int_1")]),
        anApi("api_twice", [aRoute("GET", "/a/{x}", "int_1"), aRoute("GET", "/a/{y}", "int_1")]),
        anApi("api_1", [aRoute("GET", "/a", "int_1")]),
      ].map(encodeResource),
    );
    expect([...table.quarantine.keys()].sort()).toEqual([
      "api/api_bad",
      "api/api_twice",
      "integration/int_bad",
    ]);
    expect(table.quarantine.get("api/api_bad")).toContain("route rte_GETno slash");
    expect(table.apis.get("api_1")?.current).not.toBeNull();
  });

  it("hashes a presented secret once, and sees the key's newest state all the same", async () => {
    const factory = new Factory();
    const table = new RouteTable<Handle>(ZERO);
    const key = aKey("key_1", "api_1", {}, secret(0)).resource;
    apply(table, { upserts: [encodeResource(key)], removals: [] }, factory);
    const first = table.find(secret(0));
    expect(first?.key?.isActive).toBe(true);
    apply(table, { upserts: [encodeResource({ ...key, active: false })], removals: [] }, factory);
    expect(table.find(secret(0))).toBe(first);
    expect(first?.key?.isActive).toBe(false);
    apply(table, { upserts: [], removals: [{ kind: "key", id: "key_1" }] }, factory);
    expect(table.find(secret(0))?.key ?? null).toBeNull();
    apply(table, { upserts: [encodeResource(key)], removals: [] }, factory);
    expect(table.find(secret(0))?.key?.id).toBe("key_1");
  });

  it("gives the event loop turns while it is built", async () => {
    const records = Array.from({ length: 3_000 }, (_, i) =>
      encodeResource(
        anApi(
          `api_${i}`,
          Array.from({ length: 10 }, (_, r) => aRoute("GET", `/r${r}/{id}`, "int_1")),
        ),
      ),
    );
    let turns = 0;
    let isDone = false;
    const count = (): void => {
      turns++;
      if (!isDone) setImmediate(count);
    };
    setImmediate(count);
    await built(records);
    isDone = true;
    expect(turns).toBeGreaterThan(2);
  });
});

function emptyRefs(table: RouteTable<Handle>): number {
  return [...table.integrations.values()].filter((reference) => reference.current === null).length;
}
