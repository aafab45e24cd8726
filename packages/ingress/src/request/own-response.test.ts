/** The size of a response that the gateway itself made, where requests are reported one by one. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OtlpReceiver } from "@latchkey/testkit";
import { expect, it } from "vitest";
import { until } from "../testing/until.js";
import { aKey, anApi, anIntegration, aRoute, engines, World } from "../testing/world.js";

const key = aKey("key_1", "api_1");
const resources = [
  anIntegration("int_1", "http://127.0.0.1:1/"),
  anApi("api_1", [aRoute("GET", "/away", "int_1")]),
  key.resource,
];

it.each(engines)("is what the client got: %s", async (engine) => {
  const folder = mkdtempSync(join(tmpdir(), "latchkey-own-response-"));
  try {
    const file = join(folder, "access.log");
    await using collector = await OtlpReceiver.start();
    const config = { accessLog: { to: file }, otlp: { endpoint: collector.httpUrl } };
    await using world = await World.of(() => resources, { engine, config });
    const sizes = new Map<string, number>();
    for (const [method, path, secret] of [
      ["GET", "/none", key.secret],
      ["GET", "/away", key.secret],
      ["GET", "/unknown", "lk_unknown"],
      ["HEAD", "/head", key.secret],
    ] as const) {
      const response = await fetch(world.url + path, { method, headers: { "connxio-api-key": secret } });
      sizes.set(path, (await response.arrayBuffer()).byteLength);
    }
    expect([...sizes.values()].map((size) => size > 100)).toEqual([true, true, true, false]);

    const samples = () => world.server.usage.flatMap(({ samples: some }) => some);
    await until(() => samples().length === sizes.size);
    expect(new Map(samples().map(({ path, responseBytes }) => [path, Number(responseBytes)]))).toEqual(sizes);
    await world.ingress.close();
    const lines = readFileSync(file, "utf8").trimEnd().split("\n");
    const entries = lines.map((line) => JSON.parse(line) as { path: string; responseBytes: number });
    expect(new Map(entries.map(({ path, responseBytes }) => [path, responseBytes]))).toEqual(sizes);
    const spans = collector.spans.filter(({ kind }) => kind === "SPAN_KIND_SERVER");
    expect(
      new Map(spans.map(({ attributes: of }) => [of["url.path"], of["http.response.body.size"]])),
    ).toEqual(sizes);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
