/** Contexts: a private file, chosen by name, and no token for another URL than its own. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { firstTestCertificate } from "@latchkey/testkit";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { FakeControlPlane, latchkey } from "../testing/command.js";

let controlPlane: FakeControlPlane;
let dir = "";
let file = "";
beforeEach(async () => {
  controlPlane = await FakeControlPlane.start();
  controlPlane.respond = ({ query }) =>
    query.includes("page:")
      ? { page: { nodes: [], pageInfo: { hasNextPage: false, endCursor: null } } }
      : { server: { version: "1.2.3" } };
  dir = mkdtempSync(join(tmpdir(), "latchkey-login-"));
  file = join(dir, "new", "cli.json");
  process.env.LATCHKEY_CLI_CONFIG = file;
});
afterEach(async () => {
  delete process.env.LATCHKEY_CLI_CONFIG;
  await controlPlane[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true });
});

const login = (...args: readonly string[]) =>
  latchkey("login", controlPlane.url, "--token", "secret-token", ...args);

it("keeps URL and token in a file of mode 0600, and uses them", async () => {
  const { code, stdout } = await login("--name", "here");
  expect([code, stdout]).toEqual([0, expect.stringContaining("(Latchkey 1.2.3) as context here")]);
  expect(stdout).not.toContain("secret-token");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect((await latchkey("list", "apis")).code).toBe(0);
  expect(controlPlane.requests.at(-1)?.authorization).toBe("Bearer secret-token");
});

it("keeps nothing when the control plane does not take the token", async () => {
  controlPlane.respond = () => "A valid token is required.";
  expect((await login()).code).toBe(1);
  expect((await latchkey("contexts", "--json")).stdout).toBe("[]\n");
});

it("sends no token without TLS to another machine, unless that is allowed", async () => {
  const far = "http://192.0.2.1:4000";
  const refused = [
    await latchkey("login", far, "--token", "secret-token"),
    await latchkey("list", "apis", "--url", far, "--token", "secret-token"),
    await latchkey("status", "--url", "http://127.0.0.1.example:4000", "--token", "secret-token"),
  ];
  for (const { code, stderr } of refused)
    expect([code, stderr]).toEqual([2, expect.stringContaining("would travel in plain text: use https")]);
  const connections: string[] = [];
  const fetched = vi.spyOn(globalThis, "fetch").mockImplementation(async (url) => {
    connections.push(String(url));
    return Response.json({ data: { server: { version: "1.2.3" } } });
  });
  try {
    expect((await latchkey("login", far, "--token", "secret-token", "--allow-plaintext")).code).toBe(0);
    expect(connections).toEqual([`${far}/graphql`]);
    await latchkey("list", "apis"); // the context's own URL
    expect(connections).toHaveLength(2);
  } finally {
    fetched.mockRestore();
  }
});

it("sends the token of a context to no other URL", async () => {
  await login();
  await using other = await FakeControlPlane.start();
  const { code, stderr } = await latchkey("list", "apis", "--url", other.url);
  expect([code, other.requests]).toEqual([2, []]);
  expect(stderr).toContain("an admin token is needed");
});

it("chooses contexts by name, and forgets them", async () => {
  await login("--name", "a");
  await login("--name", "b");
  expect((await latchkey("contexts")).stdout).toMatch(/^\ta\t.*\n\*\tb\t.*\n$/);
  await latchkey("contexts", "use", "a");
  expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({ current: "a" });
  const missing = await latchkey("list", "apis", "--context", "c");
  expect([missing.code, missing.stderr]).toEqual([
    2,
    expect.stringContaining("--context: there is no context c; there are a, b."),
  ]);
  await latchkey("logout", "a");
  expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({ current: null, contexts: { b: {} } });
});

it("names a file that cannot be read as contexts", async () => {
  await login();
  writeFileSync(file, "{");
  const { code, stderr } = await latchkey("list", "apis");
  expect([code, stderr]).toEqual([1, expect.stringContaining(`${file} is no file of contexts`)]);
});

it("says that standard input is empty, not that an empty token is malformed", async () => {
  const stdin = vi.spyOn(process, "stdin", "get");
  stdin.mockReturnValue(Readable.from([Buffer.from("\n")]) as typeof process.stdin);
  try {
    const { code, stderr } = await latchkey("login", controlPlane.url);
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining("standard input is empty: pipe the admin token"),
    ]);
  } finally {
    stdin.mockRestore();
  }
});

it("says which file cannot be written, and what names another one", async () => {
  writeFileSync(join(dir, "file"), "");
  const places = [join(dir, "file", "cli.json")];
  if (process.platform === "linux") places.push("/proc/latchkey/cli.json");
  for (const place of places) {
    process.env.LATCHKEY_CLI_CONFIG = place;
    const { code, stderr } = await login();
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /cli\.json cannot be written: E[A-Z]+: .*; LATCHKEY_CLI_CONFIG names another file/,
    );
  }
});

it("says that a port without TLS has none, not what OpenSSL says of its source", async () => {
  const url = controlPlane.url.replace("http:", "https:");
  const { code, stderr } = await latchkey("login", url, "--token", "secret-token");
  expect([code, stderr]).toEqual([
    1,
    expect.stringContaining("does not speak TLS; does the URL begin with http://?"),
  ]);
});

it("says how to add the authority of a certificate that none of the known ones has signed", async () => {
  const server = createServer(firstTestCertificate);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    for (const command of ["login", "doctor"]) {
      const args = command === "login" ? [url] : ["--url", url];
      const { code, stdout, stderr } = await latchkey(command, ...args, "--token", "secret-token");
      expect(code).toBe(1);
      expect(stdout + stderr).toContain("; NODE_EXTRA_CA_CERTS=<file> adds an authority of your own");
    }
  } finally {
    server.close();
  }
});
