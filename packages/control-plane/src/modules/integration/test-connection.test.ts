/** The connection test of an integration: what it sends, what it tells, where it is noted. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { Fixture } from "../../testing/fixture.js";

it("tests the connection with the integration's credentials, and tells which only nodes have", async () => {
  const secrets = ["first-secret", "second-secret"];
  const target = createServer((req, res) => {
    const key = new URL(req.url ?? "/", "http://target").searchParams.get("key");
    res.writeHead(req.headers["x-key"] === secrets[0] && key === secrets[1] ? 204 : 401).end();
  });
  await new Promise<void>((resolve) => target.listen(0, "127.0.0.1", resolve));
  await using f = await Fixture.start({ allow: ["127.0.0.0/8"] });
  const subscriptionId = await f.subscription();
  const credential = async (name: string, kind: object, secret: object): Promise<string> => {
    const input = { subscriptionId, name, ...kind, secret };
    return (await f.mutate("createCredential", input, "credential { id }")).credential.id as string;
  };
  const header = await credential("Key", { header: { name: "X-Key" } }, { value: secrets[0] });
  const query = await credential("Query", { query: { name: "key" } }, { value: secrets[1] });
  const remote = await credential("Remote", { basic: { userName: "u" } }, { reference: "env:X" });
  const { port } = target.address() as AddressInfo;
  const test = async (credentialIds: string[]) => {
    const id = await f.integration(subscriptionId, { urls: [`http://127.0.0.1:${port}/in`], credentialIds });
    const selection = "test { status steps { detail } notSent { name reason } }";
    return (await f.mutate("testIntegration", { id }, selection)).test as {
      status: number;
      steps: { detail: string }[];
      notSent: object[];
    };
  };
  try {
    expect((await test([])).status).toBe(401);
    const whole = await test([header, query]);
    expect(whole.status).toBe(204);
    expect(whole.notSent).toEqual([]);
    expect(await test([header, query, remote])).toMatchObject({
      status: 204,
      notSent: [{ name: "Remote", reason: "Only nodes can read its secret." }],
    });
    const tokens = await credential(
      "Tokens",
      {
        oauth: {
          tokenUrl: `http://127.0.0.1:${port}/token`,
          clientId: "c",
          clientAuthentication: "CLIENT_SECRET_POST",
        },
      },
      { value: "never-sent-here" },
    );
    expect((await test([tokens])).notSent).toEqual([
      { name: "Tokens", reason: "Only nodes get its tokens." },
    ]);
    for (const secret of secrets) {
      expect(JSON.stringify(whole)).not.toContain(secret);
      expect(JSON.stringify(await f.run("{ auditLog(first: 50) { nodes { after } } }"))).not.toContain(
        secret,
      );
    }
  } finally {
    target.closeAllConnections();
    target.close();
  }
});

it("tests the connection to a stored URL only, and notes it in the audit log", async () => {
  await using f = await Fixture.start();
  const id = await f.integration(await f.subscription());
  const selection = "test { url status steps { name detail problem } } userErrors { field code }";
  const { test } = await f.mutate("testIntegration", { id }, selection);
  expect(test).toEqual({
    url: "https://orders.example/in",
    status: null,
    steps: [{ name: "DNS", detail: "", problem: "There is no such name." }],
  });
  const { auditLog } = await f.run("{ auditLog(first: 1) { nodes { action targetId after } } }");
  expect(auditLog.nodes).toEqual([
    {
      action: "integration.test",
      targetId: id,
      after: { url: "https://orders.example/in", status: null, problem: "There is no such name." },
    },
  ]);
  const elsewhere = await f.mutate("testIntegration", { id, url: "https://other.example/" }, selection);
  expect(elsewhere).toMatchObject({
    test: null,
    userErrors: [{ field: ["input", "url"], code: "INVALID" }],
  });
});
