/** What the help of `latchkey update` says about `none`, for every option that it says it of, against a real control plane. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { firstTestCertificate } from "@latchkey/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { latchkeyCommand, Stack } from "../support/stack.js";

const folder = mkdtempSync(join(tmpdir(), "latchkey-cleared-options-"));
const certificateFile = join(folder, "certificate.pem");

const limits = { "--rate-limit": "100/m", "--quota": "1000/30d" };
const ownership = { "--owner": "Orders team", "--label": "team:orders", "--metadata": "ticket=OPS-7" };
const addresses = { "--allow-ip": "10.0.0.0/8", "--deny-ip": "10.1.0.0/16" };

/** Name of a resource and a value of each option that `none` clears, by kind. */
const cases = [
  [
    "integration",
    "Target",
    {
      ...limits,
      "--request-header": "set X-Tenant: north",
      "--response-header": "remove Server",
      "--credential": "Token",
      "--spelled-header": "SOAPAction",
    },
  ],
  [
    "api",
    "Orders",
    {
      ...limits,
      ...ownership,
      ...addresses,
      "--cors-method": "PUT",
      "--cors-header": "X-Tenant",
      "--cors-exposed-header": "X-Total",
      "--cors-max-age": "60",
      "--route": "GET /orders=Target",
    },
  ],
  [
    "key",
    "Default",
    {
      ...limits,
      ...ownership,
      ...addresses,
      "--scope": "GET /orders",
      "--expires-at": "2999-01-01",
    },
  ],
  [
    "credential",
    "Token",
    {
      "--scope": "orders.read",
      "--audience": "orders",
      "--resource": "https://orders.example.com",
      "--key-id": "1",
    },
  ],
  [
    "credential",
    "Certificate",
    {
      "--certificate-file": certificateFile,
      "--ca-file": certificateFile,
      "--server-name": "orders.example.com",
    },
  ],
] as const;

let stack: Stack;

beforeAll(async () => {
  writeFileSync(certificateFile, firstTestCertificate.cert);
  stack = await Stack.start({ nodes: 0 });
  const reference = ["--secret-reference", "file:/run/secrets/orders.pem"];
  latchkey("create", "subscription", "Sample");
  const token = ["--token-url", "https://login.example.com/token", "--client-id", "orders"];
  const way = ["--client-authentication", "client_secret_basic"];
  latchkey("create", "credential", "Token", "--subscription", "Sample", ...token, ...way, ...reference);
  const name = ["--server-name", "warehouse.example.com"];
  latchkey("create", "credential", "Certificate", "--subscription", "Sample", ...name, ...reference);
  latchkey("update", "credential", "Certificate", "--server-name", "none");
  latchkey("create", "integration", "Target", "--subscription", "Sample", "--target", "https://example.com");
  latchkey("create", "api", "Orders", "--subscription", "Sample", "--cors-origin", "https://app.example.com");
});

afterAll(async () => {
  await stack?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

function latchkey(...args: string[]): string {
  const env = { ...process.env, LATCHKEY_URL: stack.graphqlUrl, LATCHKEY_TOKEN: stack.adminToken };
  const { status, stdout, stderr } = spawnSync(process.execPath, [latchkeyCommand, ...args], {
    encoding: "utf8",
    env,
  });
  expect(status, stderr).toBe(0);
  return stdout;
}

const update = (kind: string, name: string, options: readonly (readonly [string, string])[]) =>
  latchkey("update", kind, name, ...options.flat());

it.each(cases)("none clears all that the options of %s %s set", (kind, name, values) => {
  const state = () => {
    const { version, updatedAt, ...settings } = JSON.parse(latchkey("get", kind, name, "--json"));
    return JSON.stringify(settings, null, 1);
  };
  const options = Object.entries<string>(values);
  const before = state();
  update(kind, name, options);
  expect(state()).not.toBe(before);
  update(
    kind,
    name,
    options.map(([option]) => [option, "none"]),
  );
  expect(state()).toBe(before);
});

it("the help names no other option", () => {
  for (const kind of new Set(cases.map(([name]) => name))) {
    const help = latchkey("update", kind, "--help").replace(/\s+/g, " ");
    const said = [
      ...help.matchAll(/(--[a-z-]+) <(?:(?! --[a-z]).)*?none (?:takes it away|empties the list)/g),
    ];
    const known = cases.filter(([name]) => name === kind).flatMap(([, , values]) => Object.keys(values));
    expect(said.map(([, option]) => option).sort()).toEqual(known.sort());
  }
});
