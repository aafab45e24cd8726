import { generateKeyPairSync } from "node:crypto";
import { ApiBody, IntegrationBody, ParameterPlace, type RouteBody } from "@latchkey/proto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { corsPolicyOf, decodeResource, encodeResource } from "./codec.js";
import { applyChange, diff, resourceSet } from "./diff.js";
import { DigestSum, digestOf } from "./digest.js";
import { METHOD_AS_RECEIVED, noLimits, type Resource, type ResourceRecord } from "./resource.js";
import { signRevision, verifyRevision } from "./signature.js";

const record: fc.Arbitrary<ResourceRecord> = fc.record({
  kind: fc.constantFrom("api", "key", "integration"),
  id: fc.integer({ min: 0, max: 20 }).map(String),
  body: fc.uint8Array({ maxLength: 40 }),
});

const rateLimit = fc.option(
  fc.record({ limit: fc.nat(), windowSeconds: fc.integer({ min: 1, max: 86_400 }), burst: fc.nat() }),
);
const text = fc.string({ minLength: 1, unit: "grapheme" });
const rules = fc.array(
  fc.record({
    action: fc.constantFrom("set" as const, "append" as const, "remove" as const),
    name: text,
    value: text,
  }),
);
const headerRules = fc.record({ request: rules, response: rules });
const block = fc.constantFrom("10.0.0.0/8", "2001:db8::/32", "192.0.2.7");
const ipRules = fc.record({ allow: fc.array(block), deny: fc.array(block) });
const scopes = fc.array(
  fc.record({ method: fc.constantFrom("GET", "ANY"), pattern: fc.constantFrom("/orders/{id}", "/{rest*}") }),
);
const resource: fc.Arbitrary<Resource> = fc.oneof(
  fc.record({
    kind: fc.constant("api" as const),
    id: text,
    subscriptionId: text,
    title: text,
    versionLabel: text,
    routes: fc.array(
      fc.record({
        id: text,
        method: text,
        pattern: text,
        integrationId: text,
        validate: fc.boolean(),
        operation: fc.option(text),
        responseValidation: fc.constantFrom("off" as const, "report" as const, "refuse" as const),
        headerRules,
        requestBodyBytesMax: fc.maxSafeNat(),
        rateLimit,
        quota: rateLimit,
      }),
    ),
    openapiJson: fc.option(fc.uint8Array({ minLength: 1 }).map((bytes) => Buffer.from(bytes))),
    bearerRequired: fc.boolean(),
    schemas: fc.option(text),
    cors: fc.option(
      fc.record({
        origins: fc.array(text, { minLength: 1 }),
        methods: fc.array(text),
        headers: fc.array(text),
        exposedHeaders: fc.array(text),
        credentials: fc.boolean(),
        maxAgeSeconds: fc.nat(),
      }),
    ),
    ipRules,
    rateLimit,
    quota: rateLimit,
    recording: fc.option(
      fc.record({ untilMs: fc.nat(), mask: fc.array(fc.constantFrom("$.a", "$..b[*]", "$['c d']")) }),
    ),
  }),
  fc.record({
    kind: fc.constant("integration" as const),
    id: text,
    subscriptionId: text,
    name: text,
    urls: fc.array(text, { minLength: 1 }),
    method: fc.oneof(text, fc.constant(METHOD_AS_RECEIVED)),
    limits: fc.constant({ ...noLimits, requestBodyBytesMax: 2 ** 40, firstByteTimeoutMs: 1234 }),
    loadBalancing: fc.constantFrom("round-robin" as const, "least-requests" as const),
    healthCheck: fc.option(
      fc.record({
        path: text,
        intervalMs: fc.nat(),
        timeoutMs: fc.nat(),
        unhealthyAfter: fc.nat(),
        healthyAfter: fc.nat(),
      }),
    ),
    circuitBreaker: fc.option(fc.record({ failures: fc.nat(), openMs: fc.nat() })),
    retry: fc.record({ attemptsMax: fc.nat(), budgetPercent: fc.nat() }),
    requestSchema: fc.option(text),
    requestContentTypes: fc.array(text),
    responseSchema: fc.option(text),
    responseContentTypes: fc.array(text),
    forwardAuthorization: fc.boolean(),
    webSockets: fc.boolean(),
    headerRules,
    spelledHeaders: fc.array(text),
    credentialIds: fc.array(text),
    rateLimit,
    quota: rateLimit,
  }),
  fc.record({
    kind: fc.constant("credential" as const),
    id: text,
    subscriptionId: text,
    name: text,
    scheme: fc.oneof(
      fc.record({ kind: fc.constantFrom("header" as const, "query" as const), name: text }),
      fc.record({ kind: fc.constant("basic" as const), userName: text }),
      fc.record({
        kind: fc.constant("oauth" as const),
        tokenUrl: text,
        clientId: text,
        clientAuthentication: fc.constantFrom(
          "client-secret-basic" as const,
          "client-secret-post" as const,
          "private-key-jwt" as const,
        ),
        scope: text,
        audience: text,
        resource: text,
        keyId: text,
      }),
      fc.record({ kind: fc.constant("mutual-tls" as const), certificate: text, ca: text, serverName: text }),
      fc.record({ kind: fc.constant("aws" as const), region: text, service: text, accessKeyId: text }),
    ),
    secret: fc.oneof(
      fc.record({
        kind: fc.constant("encrypted" as const),
        ciphertext: fc.uint8Array({ minLength: 1 }).map((bytes) => Buffer.from(bytes)),
      }),
      fc.record({ kind: fc.constant("reference" as const), reference: text.filter((value) => value !== "") }),
    ),
  }),
  fc.record({
    kind: fc.constant("key" as const),
    id: text,
    name: text,
    apiId: text,
    active: fc.boolean(),
    mode: fc.constantFrom("header" as const, "webhook" as const),
    expiresAtMs: fc.maxSafeNat(),
    secrets: fc.array(
      fc.record({
        digest: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes)),
        notAfterMs: fc.maxSafeNat(),
      }),
    ),
    rateLimit,
    quota: rateLimit,
    ipRules,
    scopes,
  }),
);

describe("codec", () => {
  it("hides the URLs of an integration with a credential from nodes that would call it without", () => {
    const urls = ["https://orders.example/in"];
    const body = IntegrationBody.encode(IntegrationBody.fromPartial({ method: "POST", urls })).finish();
    const decoded = decodeResource({ kind: "integration", id: "int_1", body });
    if (!decoded.ok || decoded.value.kind !== "integration") throw new Error("not an integration");
    const withCredential = encodeResource({ ...decoded.value, credentialIds: ["crd_1"] });
    expect(IntegrationBody.decode(withCredential.body).urls).toEqual([]);
    expect(decodeResource(withCredential)).toMatchObject({ value: { urls, credentialIds: ["crd_1"] } });
  });

  it("gives back every resource it encodes", () => {
    fc.assert(
      fc.property(resource, (value) => {
        const record = encodeResource(value);
        expect(decodeResource(record)).toEqual({ ok: true, value });
        if (value.kind === "api") expect(corsPolicyOf(record)).toEqual(value.cors);
      }),
    );
  });

  it("reads the parameters of older files and control planes as an operation", () => {
    const route = {
      id: "rte_1",
      method: "GET",
      pattern: "/a/{id}",
      integrationId: "int_1",
      validate: true,
      parameters: [
        { place: ParameterPlace.PATH, name: "id", required: true, schema: '{"type":"integer"}' },
        { place: ParameterPlace.QUERY, name: "page", required: false, schema: "" },
      ],
      operation: "",
      responseValidation: 0,
      requestBodyBytesMax: 0n,
    };
    const older = (routes: RouteBody[]): ResourceRecord => ({
      kind: "api",
      id: "api_1",
      body: ApiBody.encode(ApiBody.fromPartial({ routes })).finish(),
    });
    const operation = {
      parameters: [
        { name: "id", in: "path", required: true, schema: { type: "integer" } },
        { name: "page", in: "query", required: false, schema: {} },
      ],
    };
    expect(decodeResource(older([route]))).toMatchObject({
      value: { routes: [{ operation: JSON.stringify(operation), responseValidation: "off" }] },
    });
    const newer = { ...route, operation: '{"parameters":[]}' };
    expect(decodeResource(older([newer]))).toMatchObject({
      value: { routes: [{ operation: '{"parameters":[]}' }] },
    });
    const damaged = { ...route, parameters: [{ ...route.parameters[0], schema: "{" }] } as RouteBody;
    expect(decodeResource(older([damaged]))).toMatchObject({
      ok: false,
      error: { reason: expect.stringContaining("damaged body") },
    });
  });

  it("refuses damage and unknown kinds with a reason, never with an exception", () => {
    fc.assert(
      fc.property(record, (value) => {
        const decoded = decodeResource(value);
        if (!decoded.ok) expect(decoded.error.reason).not.toBe("");
      }),
    );
    const unknown = decodeResource({ kind: "hologram", id: "x", body: new Uint8Array() });
    expect(unknown).toMatchObject({ ok: false, error: { reason: expect.stringContaining('"hologram"') } });
  });
});

describe("digest", () => {
  it("does not depend on order, and removal undoes addition", () => {
    fc.assert(
      fc.property(fc.array(record), record, (records, extra) => {
        const forward = digestOf(records);
        expect(digestOf([...records].reverse())).toEqual(forward);
        const sum = DigestSum.from(forward);
        sum.add(extra);
        expect(sum.equals(forward)).toBe(false);
        sum.remove(extra);
        expect(sum.equals(forward)).toBe(true);
      }),
    );
  });

  it("changes with every single flipped bit of a body", () => {
    const body = Buffer.from("a resource body");
    const whole = digestOf([{ kind: "api", id: "a", body }]);
    for (let bit = 0; bit < body.length * 8; bit++) {
      const flipped = Buffer.from(body);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(digestOf([{ kind: "api", id: "a", body: flipped }])).not.toEqual(whole);
    }
  });
});

describe("diff", () => {
  it("turns any set into any other, and the running digest follows", () => {
    fc.assert(
      fc.property(fc.array(record), fc.array(record), (a, b) => {
        const before = resourceSet(a);
        const after = resourceSet(b);
        const change = diff(before, after);
        expect(applyChange(before, change)).toEqual(after);
        expect(diff(after, after)).toEqual({ upserts: [], removals: [] });
      }),
    );
  });
});

describe("signature", () => {
  it("holds for its own revision and digest only", () => {
    const { privateKey, publicKey } = generateKeyPairSync("ed25519");
    const revision = { epoch: 5, number: 9 };
    const digest = digestOf([]);
    const signature = signRevision(revision, digest, privateKey);
    expect(verifyRevision(revision, digest, signature, publicKey)).toBe(true);
    expect(verifyRevision({ epoch: 5, number: 8 }, digest, signature, publicKey)).toBe(false);
    expect(
      verifyRevision(
        revision,
        digest.map((byte) => byte ^ 1),
        signature,
        publicKey,
      ),
    ).toBe(false);
    expect(verifyRevision(revision, digest, new Uint8Array(0), publicKey)).toBe(false);
  });
});
