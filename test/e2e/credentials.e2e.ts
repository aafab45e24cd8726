/**
 * Credentials on real parts: GraphQL mutation → database → stream → two nodes → an upstream that demands them. Every byte
 * that the processes write, and every file that they leave, is searched for the secrets.
 */
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { engines } from "../support/engines.js";
import { Recorder } from "../support/recorder.js";
import {
  enforced,
  type MadeApi,
  makeApi,
  makeIntegration,
  makeSubscription,
  mutate,
} from "../support/seed.js";
import { Stack } from "../support/stack.js";

const HEADER_SECRET = "header-secret-0d1b2f3a4c5e6071";
const ROTATED_SECRET = "rotated-secret-9a8b7c6d5e4f3021";
const QUERY_SECRET = "query-secret/5f4e3d2c1b0a9f8e&x=1";
const BASIC_SECRET = "basic-secret-1122334455667788";
const ENV_SECRET = "env-secret-8877665544332211";
const FILE_SECRET = "file-secret-aabbccddeeff0011";

interface MadeCredential {
  readonly id: string;
  readonly version: number;
}

describe.each(engines)("credentials over the %s engine", (engine) => {
  let stack: Stack;
  let upstream: Recorder;
  let subscriptionId: string;
  let secretsDir: string;

  beforeAll(async () => {
    upstream = await Recorder.start();
    stack = await Stack.start({ engine, nodes: 0 });
    secretsDir = stack.dir;
    for (const name of ["node-1", "node-2"])
      await stack.addIngress(name, {
        LATCHKEY_SECRET_ORDERS: ENV_SECRET,
        LATCHKEY_INGRESS_CREDENTIALS_FILES_IN: secretsDir,
        ...(name === "node-2" && { LATCHKEY_INGRESS_WORKERS: "2" }),
      });
    for (const secret of [HEADER_SECRET, ROTATED_SECRET, QUERY_SECRET, BASIC_SECRET, ENV_SECRET])
      stack.secrets.add(secret);
    subscriptionId = await makeSubscription(stack);
  });

  afterAll(async () => {
    await stack?.[Symbol.asyncDispose]();
    await upstream?.[Symbol.asyncDispose]();
  });

  async function credential(kind: object, secret: object): Promise<MadeCredential> {
    const payload = await mutate<{ credential: MadeCredential }>(
      stack,
      "createCredential",
      { subscriptionId, name: "orders", ...kind, secret },
      "credential { id version }",
    );
    return payload.credential;
  }

  async function apiWith(...credentialIds: string[]): Promise<MadeApi> {
    const integrationId = await makeIntegration(stack, subscriptionId, "orders", `${upstream.url}/in`, {
      credentialIds,
      method: "AS_RECEIVED",
    });
    const api = await makeApi(stack, subscriptionId, "Orders", [
      { method: "ANY", path: "/orders", integrationId },
    ]);
    await enforced(stack, api.revision);
    return api;
  }

  /** Through each node. The upstream's view of the last request. */
  async function call(api: MadeApi, more: Record<string, string> = {}, query = "") {
    for (const node of stack.ingresses) {
      const response = await fetch(`${node.url}/orders${query}`, {
        headers: { "Connxio-Api-Key": api.secret, ...more },
      });
      expect(await response.text()).toBe('{"upstream":"/in"}');
    }
    return upstream.last;
  }

  async function codeOf(api: MadeApi): Promise<string | null> {
    const response = await fetch(`${stack.ingress.url}/orders`, {
      headers: { "Connxio-Api-Key": api.secret },
    });
    await response.arrayBuffer();
    return response.headers.get("latchkey-error");
  }

  it("sends a header of the upstream's own, the key's name included, and nothing of the client's in its place", async () => {
    const { id } = await credential({ header: { name: "Connxio-Api-Key" } }, { value: HEADER_SECRET });
    const api = await apiWith(id);
    const { rawHeaders } = await call(api, { Authorization: "Bearer of-the-client" });
    const names = rawHeaders.filter((_, i) => i % 2 === 0);
    expect(names.filter((name) => name.toLowerCase() === "connxio-api-key")).toEqual(["Connxio-Api-Key"]);
    expect(rawHeaders[rawHeaders.indexOf("Connxio-Api-Key") + 1]).toBe(HEADER_SECRET);
    expect(names.map((name) => name.toLowerCase())).not.toContain("authorization");
  });

  it("replaces a header that the client sends under the credential's name, however it is spelled", async () => {
    const { id } = await credential({ header: { name: "X-Api-Key" } }, { value: HEADER_SECRET });
    // The uws engine closes a connection on which a name with an underscore comes.
    const variant: Record<string, string> = engine === "uws" ? {} : { x_api_key: "mine" };
    const { rawHeaders } = await call(await apiWith(id), {
      "x-api-key": "mine",
      ...variant,
      Accept: "text/x",
    });
    expect(rawHeaders.join("\n")).not.toContain("mine");
    expect(rawHeaders).toContain("text/x");
    expect(rawHeaders[rawHeaders.indexOf("X-Api-Key") + 1]).toBe(HEADER_SECRET);
  });

  it("sends a query parameter and a password", async () => {
    const query = await credential({ query: { name: "key" } }, { value: QUERY_SECRET });
    const { url } = await call(await apiWith(query.id), {}, "?a=1&key=mine&%6bey=mine&KEY=mine&b=2");
    expect(url).toBe(`/in?a=1&b=2&key=${encodeURIComponent(QUERY_SECRET)}`);
    const basic = await credential({ basic: { userName: "gateway" } }, { value: BASIC_SECRET });
    const { headers } = await call(await apiWith(basic.id));
    const encoded = Buffer.from(`gateway:${BASIC_SECRET}`).toString("base64");
    expect(headers.authorization).toBe(`Basic ${encoded}`);
    stack.secrets.add(encoded);
  });

  it("finds references on the node, and reads a file again when it has changed", async () => {
    const env = await credential(
      { header: { name: "X-Api-Key" } },
      { reference: "env:LATCHKEY_SECRET_ORDERS" },
    );
    expect((await call(await apiWith(env.id))).headers["x-api-key"]).toBe(ENV_SECRET);

    const path = join(secretsDir, "orders-secret");
    writeFileSync(path, `${FILE_SECRET}\n`);
    const file = await credential({ header: { name: "X-Api-Key" } }, { reference: `file:${path}` });
    const api = await apiWith(file.id);
    expect((await call(api)).headers["x-api-key"]).toBe(FILE_SECRET);
    writeFileSync(path, "changed-content\n");
    await expect
      .poll(async () => (await call(api)).headers["x-api-key"], { timeout: 30_000 })
      .toBe("changed-content");
  });

  it("refuses requests, and only those, where the node cannot have the secret", async () => {
    for (const [reference, reason] of [
      ["env:LATCHKEY_SECRET_MISSING", "is not set on this node"],
      ["env:PATH", "does not begin with LATCHKEY_SECRET_"],
      ["file:/etc/hostname", "it is not in"],
      [`file:${join(stack.dir, "absent")}`, "ENOENT"],
    ] as const) {
      const { id } = await credential({ header: { name: "X-Api-Key" } }, { reference });
      expect(await codeOf(await apiWith(id))).toBe("credential.unavailable");
      const { ingressNodes } = await stack.graphql<{
        ingressNodes: { nodes: { rejectedResources: { resourceId: string; reason: string }[] }[] };
      }>("{ ingressNodes { nodes { rejectedResources { resourceId reason } } } }");
      const found = ingressNodes.nodes
        .flatMap((node) => node.rejectedResources)
        .find(({ resourceId }) => resourceId === id);
      expect(found?.reason).toContain(reason);
    }
    const good = await credential({ header: { name: "X-Api-Key" } }, { value: HEADER_SECRET });
    expect(await codeOf(await apiWith(good.id))).toBeNull();
  });

  it("tells operators what nodes cannot use until they can, over a new stream and without a revision", async () => {
    const path = join(secretsDir, "late-secret");
    const { id } = await credential({ header: { name: "X-Api-Key" } }, { reference: `file:${path}` });
    const api = await apiWith(id);
    const named = async (): Promise<unknown[]> => {
      const { ingressNodes } = await stack.graphql<{
        ingressNodes: { nodes: { rejectedResources: { resourceId: string; reason: string }[] }[] };
      }>("{ ingressNodes { nodes { rejectedResources { resourceId reason } } } }");
      const statuses = await Promise.all(
        stack.ingresses.map(async ({ adminUrl }) => {
          const { quarantine } = (await (await fetch(`${adminUrl}/status`)).json()) as {
            quarantine: { resource: string; reason: string }[];
          };
          return quarantine.find(({ resource }) => resource === `credential/${id}`)?.reason;
        }),
      );
      const told = ingressNodes.nodes.map(
        ({ rejectedResources }) => rejectedResources.find(({ resourceId }) => resourceId === id)?.reason,
      );
      return [...told, ...statuses];
    };
    const reason = `file:${path} cannot be read on this node: ENOENT`;
    expect(await named()).toEqual([reason, reason, reason, reason]);
    await stack.controlPlane.stop();
    await stack.restartControlPlane();
    await expect.poll(named, { timeout: 30_000 }).toEqual([reason, reason, reason, reason]);

    writeFileSync(path, FILE_SECRET);
    await expect.poll(named, { timeout: 30_000 }).toEqual([undefined, undefined, undefined, undefined]);
    expect((await call(api)).headers["x-api-key"]).toBe(FILE_SECRET);
  });

  it("uses a rotated secret on all nodes within a second of the mutation", async () => {
    const { id } = await credential({ header: { name: "X-Api-Key" } }, { value: HEADER_SECRET });
    const api = await apiWith(id);
    expect((await call(api)).headers["x-api-key"]).toBe(HEADER_SECRET);
    const payload = await mutate<{ receipt: { complete: boolean; slowestMs: number | null } }>(
      stack,
      "updateCredential",
      { id, secret: { value: ROTATED_SECRET } },
      "receipt(nodes: ALL, timeoutMs: 30000) { complete }",
    );
    expect(payload.receipt.complete).toBe(true);
    expect((await call(api)).headers["x-api-key"]).toBe(ROTATED_SECRET);
  });

  it("serves with its credentials after a restart without the control plane", async () => {
    const { id } = await credential({ header: { name: "X-Api-Key" } }, { value: HEADER_SECRET });
    const api = await apiWith(id);
    await stack.controlPlane.stop();
    const { ingress } = stack;
    await ingress.process.stop();
    stack.restartIngress(ingress);
    await stack.ingressReady(ingress);
    expect((await call(api)).headers["x-api-key"]).toBe(HEADER_SECRET);
    await stack.restartControlPlane();
  });

  it("encrypts everything anew when a node is removed, and the other nodes go on", async () => {
    const { id, version } = await credential({ header: { name: "X-Api-Key" } }, { value: HEADER_SECRET });
    const api = await apiWith(id);
    const removed = await stack.makeNode("removed");
    const { revision } = await mutate(stack, "deleteNode", { id: removed.id }, "deletedNodeId");
    await enforced(stack, revision);
    expect((await call(api)).headers["x-api-key"]).toBe(HEADER_SECRET);
    const { credential: after } = await stack.graphql<{ credential: { version: number } }>(
      "query($id: ID!) { credential(id: $id) { version } }",
      { id },
    );
    expect(after.version).toBe(version);
  });

  it("leaves no secret in files, GraphQL and the audit log", async () => {
    const shown = await stack.graphql<object>(
      `{ credentials(first: 50) { nodes { id name kind secretReference secretSetAt header { name } query { name }
        basic { userName } integrations(first: 5) { nodes { id } } } }
        auditLog(first: 100) { nodes { action before after } } }`,
    );
    const files = filesIn(stack.dir).filter((path) => !path.endsWith("orders-secret"));
    expect(files.some((path) => path.endsWith(".lkg"))).toBe(true);
    expect(files.some((path) => path.endsWith("node-key.json"))).toBe(true);
    for (const secret of [HEADER_SECRET, ROTATED_SECRET, QUERY_SECRET, BASIC_SECRET, ENV_SECRET]) {
      expect(JSON.stringify(shown)).not.toContain(secret);
      for (const form of [
        secret,
        Buffer.from(secret).toString("base64"),
        Buffer.from(secret).toString("hex"),
      ])
        for (const path of files)
          if (readFileSync(path).includes(form)) throw new Error(`${path} contains a secret`);
    }
    for (const path of files.filter((name) => /node-key|key-grant/.test(name)))
      expect(statSync(path).mode & 0o777).toBe(0o600);
  });
});

function filesIn(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return filesIn(path);
    return entry.isFile() ? [path] : [];
  });
}
