/** What a node refuses to start with. */
import { ConfigError } from "@latchkey/config";
import { describe, expect, test } from "vitest";
import { isLocal, loadIngressConfig } from "./config.js";

function load(controlPlane: Readonly<Record<string, unknown>>) {
  return loadIngressConfig({ env: {}, options: { controlPlane } });
}

describe("a node's token", () => {
  test.each([
    "10.0.0.5:4001",
    "control-plane:4001",
    "control-plane.localhost.example:4001",
    "[2001:db8::1]:4001",
  ])("is not sent to %s without TLS", (address) => {
    expect(() => load({ address, token: "secret-token" })).toThrow(ConfigError);
    expect(() => load({ address, token: "secret-token" })).toThrow(/caFile.*plain text/s);
    expect(() => load({ address, token: "secret-token" })).not.toThrow(/secret-token/);
    expect(load({ address, token: "secret-token", allowPlaintext: true }).controlPlane.address).toBe(address);
    expect(load({ address, token: "secret-token", caFile: "/ca.pem" }).controlPlane.address).toBe(address);
    expect(load({ address, token: "" }).controlPlane.address).toBe(address);
  });

  test.each([
    "127.0.0.1:4001",
    "127.8.9.1:4001",
    "localhost:4001",
    "LOCALHOST:1",
    "[::1]:4001",
    "a.localhost:4001",
  ])("is sent to %s", (address) =>
    expect(load({ address, token: "secret-token" }).controlPlane.address).toBe(address),
  );

  test("is sent over a Unix socket, and nothing that only looks local is", () => {
    expect(isLocal("unix:/run/relay.sock")).toBe(true);
    for (const address of ["127.0.0.1.example:1", "127.0.0.256.1:1", "localhost.example:1", "127.1:1"])
      expect(isLocal(address)).toBe(false);
  });
});

describe("the URL of an issuer's keys", () => {
  const load = (jwksUrl: string) =>
    loadIngressConfig({ env: {}, options: { bearer: { issuer: "https://issuer.example", jwksUrl } } });

  test.each(["https://issuer.example/jwks", "http://keycloak:8080/jwks", "http://127.0.0.1/jwks"])(
    "may be %s",
    (url) => expect(load(url).bearer.jwksUrl).toBe(url),
  );

  test.each([
    "ftp://issuer.example/jwks",
    "https://-a.example/jwks",
    "https://a..example/jwks",
    "issuer.example",
  ])("is not %s", (url) => expect(() => load(url)).toThrow("bearer.jwksUrl"));
});
