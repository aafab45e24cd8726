import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { firstTestCertificate } from "@latchkey/testkit";
import { describe, expect, it } from "vitest";
import { Program } from "../testing/program.js";
import { until } from "../testing/until.js";
import { aKey, anApi, anIntegration, aRoute, engines, served, World } from "../testing/world.js";

const key = aKey("key_1", "api_1");
const resources = ({ upstream }: World) => [
  anIntegration("int_1", upstream.url),
  anApi("api_1", [aRoute("ANY", "/{rest*}", "int_1")]),
  key.resource,
];

describe.each(engines)("workers with the engine %s", (engine) => {
  it("share a port and one subscription, enforce a change before it is acknowledged, and are replaced", {
    timeout: 240_000,
  }, async () => {
    await using world = await World.empty();
    world.server.load(served(...resources(world)));
    await using node = new Program(world, { LATCHKEY_INGRESS_ENGINE: engine, LATCHKEY_INGRESS_WORKERS: "2" });
    const { port, adminPort } = await node.ports();
    await world.server.acked();
    expect(world.server.hellos).toHaveLength(1);
    const ask = async () => {
      const response = await fetch(`http://127.0.0.1:${port}/a`, {
        headers: { "connxio-api-key": key.secret, connection: "close" },
      });
      await response.arrayBuffer();
      return response.status;
    };
    const askMany = async (count: number) => new Set(await Promise.all(Array.from({ length: count }, ask)));
    const admin = async (path: string) => (await fetch(`http://127.0.0.1:${adminPort}${path}`)).text();
    await until(async () => !((await admin("/readyz")) !== "ready\n"));
    expect(await askMany(40)).toEqual(new Set([200]));

    // The acknowledgement is for all: no worker lets the key through once it is there.
    for (let i = 0; i < 5; i++) {
      world.server.change(served({ ...key.resource, active: i % 2 === 1 }));
      await world.server.acked();
      expect(await askMany(20)).toEqual(new Set([i % 2 === 1 ? 200 : 403]));
    }
    world.server.change(served(key.resource));
    await world.server.acked();

    const counted = async () => {
      const metrics = await admin("/metrics");
      return Number(/^latchkey_ingress_requests_total\{status="2xx"\} (\d+)$/m.exec(metrics)?.[1]);
    };
    await until(async () => !((await counted()) < 80));
    await world.server.when(() => world.server.usage.length > 0);

    const status = JSON.parse(await admin("/status")) as { workers: number; ready: boolean };
    expect(status).toMatchObject({ workers: 2, ready: true });

    // Kill one: the other goes on, and a new one comes with what the node knows.
    const before = await counted();
    process.kill(workersOf(node)[0]!, "SIGKILL");
    await until(() => !!node.errors.includes("is replaced"));
    await until(() => !!/is replaced[\s\S]*stream to the control plane is up/.test(node.errors));
    expect(await askMany(20)).toEqual(new Set([200]));
    await until(async () => !((await counted()) < before + 20));

    node.child.kill("SIGTERM");
    expect(await node.ended()).toBe(0);
  });
});

it("tries one worker at a time in the place of one that ended, however often it fails before it serves", async () => {
  await using world = await World.empty();
  world.server.load(served(...resources(world)));
  const [certFile, keyFile] = [join(world.dataDir, "cert.pem"), join(world.dataDir, "key.pem")];
  writeFileSync(certFile, firstTestCertificate.cert);
  writeFileSync(keyFile, firstTestCertificate.key);
  await using node = new Program(world, {
    LATCHKEY_INGRESS_TLS_CERT_FILE: certFile,
    LATCHKEY_INGRESS_TLS_KEY_FILE: keyFile,
    LATCHKEY_INGRESS_WORKERS: "2",
  });
  await node.ports();
  await world.server.acked();
  const [one, other] = workersOf(node);
  writeFileSync(certFile, "rubbish");
  process.kill(one!, "SIGKILL");
  const failed = () => node.errors.split("a worker cannot be replaced").length - 1;
  await until(() => failed() >= 4);
  const trying = workersOf(node).filter((pid) => pid !== other);
  expect(trying.length).toBeLessThanOrEqual(1);
  writeFileSync(certFile, firstTestCertificate.cert);
  await until(() =>
    /cannot be replaced(?![\s\S]*cannot be replaced)[\s\S]*stream to the control plane is up/.test(
      node.errors,
    ),
  );
  expect(workersOf(node)).toHaveLength(2);
  expect(node.errors.match(/is replaced/g)).toHaveLength(1);
});

/** The process ids of the workers. */
function workersOf(node: Program): number[] {
  const children = readFileSync(`/proc/${node.child.pid}/task/${node.child.pid}/children`, "utf8").trim();
  return children === "" ? [] : children.split(" ").map(Number);
}
