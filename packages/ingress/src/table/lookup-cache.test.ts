import { generateApiKey } from "@latchkey/core";
import { expect, it } from "vitest";
import { KeyRef } from "./key-entry.js";
import { LookupCache } from "./lookup-cache.js";

it("gives a secret's own keyRef or nothing, and has most of those that came last", () => {
  const cache = new LookupCache();
  const secrets = Array.from({ length: 60_000 }, () => generateApiKey());
  const keyRefs = secrets.map(() => new KeyRef());
  expect(cache.get(secrets[0] as string)).toBeNull();
  for (const [i, secret] of secrets.entries()) cache.set(secret, keyRefs[i] as KeyRef);
  let found = 0;
  for (const [i, secret] of secrets.entries()) {
    const keyRef = cache.get(secret);
    if (keyRef === null) continue;
    expect(keyRef).toBe(keyRefs[i]);
    if (i >= 50_000) found++;
  }
  expect(found).toBeGreaterThan(9_000);
});

it("holds ten thousand at a time nearly all", () => {
  const cache = new LookupCache();
  const secrets = Array.from({ length: 10_000 }, () => generateApiKey());
  for (const secret of secrets) cache.set(secret, new KeyRef());
  expect(secrets.filter((secret) => cache.get(secret) !== null).length).toBeGreaterThan(9_950);
});

it("takes no secret for another one, whatever its characters", () => {
  const cache = new LookupCache();
  const secret = generateApiKey();
  cache.set(secret, new KeyRef());
  for (let at = 0; at < secret.length; at++) {
    const code = secret.charCodeAt(at);
    for (const other of [code ^ 1, code ^ 0x80, code + 0x100, code + 0x4000, 0xd800]) {
      expect(cache.get(secret)).not.toBeNull(); // what it leaves behind must not complete the next one
      expect(
        cache.get(secret.slice(0, at) + String.fromCharCode(other) + secret.slice(at + 1)),
        `${at}`,
      ).toBeNull();
    }
  }
  expect(cache.get(secret)).not.toBeNull();
});

it("has the newest keyRef of a secret that was set again", () => {
  const cache = new LookupCache();
  const secret = generateApiKey();
  const newest = new KeyRef();
  cache.set(secret, new KeyRef());
  cache.set(secret, newest);
  expect(cache.get(secret)).toBe(newest);
});
