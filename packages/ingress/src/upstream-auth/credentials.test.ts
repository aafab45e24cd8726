/** What a change of a credential costs on a node: one that sends the same goes on with the tokens that it has. */
import { randomBytes } from "node:crypto";
import { FakeClock } from "@latchkey/core";
import { createLogger } from "@latchkey/observe";
import { type CredentialResource, SecretCipher, type SecretSource, secretOwner } from "@latchkey/snapshot";
import { beforeEach, expect, it } from "vitest";
import { resolveIngressConfig } from "../config.js";
import type { UpstreamPools } from "../forward/upstream-pools.js";
import { Credentials } from "./credentials.js";
import type { NodeKeys } from "./node-keys.js";

process.env.LATCHKEY_SECRET_CREDENTIALS_TEST = "secret-1";
const oldKey = randomBytes(32);
const newKey = randomBytes(32);
const keys: { cipher: SecretCipher } = { cipher: new SecretCipher([oldKey]) };
const credentials = new Credentials({
  config: resolveIngressConfig({}),
  keys: keys as unknown as NodeKeys,
  clock: new FakeClock(),
  pools: {} as UpstreamPools,
  log: createLogger({ name: "test", level: "silent" }),
  tokens: { fetched: 0, failed: 0 },
  askPrimary: null,
});

const encrypted = (text: string, key: Buffer): SecretSource => ({
  kind: "encrypted",
  ciphertext: new SecretCipher([key]).encrypt(text, secretOwner("crd_1")),
});
const reference: SecretSource = { kind: "reference", reference: "env:LATCHKEY_SECRET_CREDENTIALS_TEST" };
const scheme = {
  kind: "oauth",
  tokenUrl: "http://127.0.0.1/token",
  clientId: "c",
  clientAuthentication: "client-secret-basic",
  scope: "",
  audience: "",
  resource: "",
  keyId: "",
} as const;
const resource = (change: Partial<CredentialResource> = {}): CredentialResource => ({
  kind: "credential",
  id: "crd_1",
  subscriptionId: "sub_1",
  name: "Orders login",
  scheme,
  secret: encrypted("secret-1", oldKey),
  ...change,
});

beforeEach(() => {
  keys.cipher = new SecretCipher([oldKey]);
});

it("goes on when it is only renamed", () => {
  const before = credentials.create(resource(), null);
  expect(credentials.create(resource({ name: "Login" }), before)).toBe(before);
});

it("goes on when its secret is only encrypted with another data key, as after the removal of a node", () => {
  const before = credentials.create(resource(), null);
  expect(before.problem).toBe(null);
  keys.cipher = new SecretCipher([newKey, oldKey]);
  const after = resource({ secret: encrypted("secret-1", newKey) });
  expect(credentials.create(after, before)).toBe(before);
  keys.cipher = new SecretCipher([newKey]);
  expect(credentials.create(after, before)).toBe(before);
});

it.each([
  ["another secret", resource(), resource({ secret: encrypted("secret-2", oldKey) })],
  ["other settings", resource(), resource({ scheme: { ...scheme, scope: "orders" } })],
  ["a reference in place of an entered secret", resource(), resource({ secret: reference })],
  ["an entered secret in place of a reference", resource({ secret: reference }), resource()],
  ["a secret that this node cannot decrypt", resource(), resource({ secret: encrypted("secret-1", newKey) })],
])("is made anew with %s", (_, first, second) => {
  const before = credentials.create(first, null);
  expect(before.problem).toBe(null);
  expect(credentials.create(second, before)).not.toBe(before);
});
