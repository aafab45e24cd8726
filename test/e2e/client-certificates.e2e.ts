/**
 * Mutual TLS on real parts: GraphQL mutation → database → stream → a node and one with workers → nginx, which demands a
 * client certificate of an authority of its own.
 */
import { existsSync } from "node:fs";
import { firstTestCertificate as first, secondTestCertificate as second } from "@latchkey/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunningTarget } from "../conformance/support/target.js";
import { startPeer, versionText } from "../conformance/targets/peer-process.js";
import { engines } from "../support/engines.js";
import {
  enforced,
  type MadeApi,
  makeApi,
  makeIntegration,
  makeSubscription,
  mutate,
} from "../support/seed.js";
import { Stack } from "../support/stack.js";

const NGINX = "/usr/sbin/nginx";

function configText(folder: string, port: number, otherPort: number): string {
  return `
daemon off;
worker_processes 1;
pid ${folder}/pid;
error_log stderr crit;
events { worker_connections 64; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate ${folder}/server.pem;
    ssl_certificate_key ${folder}/server.key;
    ssl_client_certificate ${folder}/clients.pem;
    ssl_verify_client on;
    location / { return 200 $ssl_client_s_dn; }
  }
  server { listen 127.0.0.1:${otherPort}; }
}
`;
}

describe.skipIf(!existsSync(NGINX)).each(engines)("client certificates over the %s engine", (engine) => {
  let stack: Stack;
  let nginx: RunningTarget;
  let subscriptionId: string;

  beforeAll(async () => {
    nginx = await startPeer({
      command: NGINX,
      files: (folder, port, otherPort) =>
        new Map([
          ["nginx.conf", configText(folder, port, otherPort)],
          ["server.pem", first.cert],
          ["server.key", first.key],
          ["clients.pem", first.cert + second.cert],
        ]),
      args: (folder) => ["-c", `${folder}/nginx.conf`, "-p", folder],
      version: () => versionText(NGINX, "-v"),
    });
    stack = await Stack.start({ engine, nodes: 1 });
    await stack.addIngress("node-2", { LATCHKEY_INGRESS_WORKERS: "2" });
    for (const { key } of [first, second]) stack.secrets.add(key.split("\n")[1] ?? key);
    subscriptionId = await makeSubscription(stack);
  });

  afterAll(async () => {
    await stack?.[Symbol.asyncDispose]();
    await nginx?.stop();
  });

  /** What nginx knows of the client, by node. */
  async function call(api: MadeApi): Promise<string[]> {
    const known: string[] = [];
    for (const { url } of stack.ingresses)
      for (let i = 0; i < 4; i++) {
        const response = await fetch(`${url}/orders`, { headers: { "Connxio-Api-Key": api.secret } });
        known.push(`${response.status} ${await response.text()}`);
      }
    return [...new Set(known)];
  }

  it("are shown to nginx by every worker, and replaced by a mutation", async () => {
    const { credential } = await mutate<{ credential: { id: string } }>(
      stack,
      "createCredential",
      {
        subscriptionId,
        name: "orders",
        mutualTls: { certificate: first.cert, ca: first.cert },
        secret: { value: first.key },
      },
      "credential { id }",
    );
    const integration = (name: string, credentialIds: string[]) =>
      makeIntegration(stack, subscriptionId, name, `https://127.0.0.1:${nginx.port}/`, {
        credentialIds,
        method: "AS_RECEIVED",
      });
    const route = (integrationId: string) => [{ method: "GET", path: "/orders", integrationId }];
    const api = await makeApi(
      stack,
      subscriptionId,
      "Orders",
      route(await integration("orders", [credential.id])),
    );
    await enforced(stack, api.revision);
    expect(await call(api)).toEqual([`200 CN=${first.name}`]);

    const { revision } = await mutate(
      stack,
      "updateCredential",
      {
        id: credential.id,
        mutualTls: { certificate: second.cert, ca: first.cert },
        secret: { value: second.key },
      },
      "credential { id }",
    );
    await enforced(stack, revision);
    expect(await call(api)).toEqual([`200 CN=${second.name}`]);
  });
});
