/** Requests that are costly to check, beside a client of another API. */
import { aKey, anApi, anIntegration, aRoute, served, Upstream } from "@latchkey/testkit";
import { expect } from "vitest";
import { fault } from "./support/fault.js";
import { expectUndisturbed, p99Beside } from "./support/figures.js";
import { rounds } from "./support/mode.js";
import { key, SmallNode } from "./support/small-node.js";
import { shoot, Traffic } from "./support/traffic.js";

const costlyKey = aKey("key_costly", "api_costly");
const sharedKey = aKey("key_shared", "api_shared");

/** Some hundred milliseconds to compile, a new one for each route. */
const manyProperties = (mark: number) => ({
  title: String(mark),
  type: "object",
  properties: Object.fromEntries(
    Array.from({ length: 300 }, (_, i) => [`p${i}`, { type: "string", maxLength: 20 + mark }]),
  ),
});

let seed = 7;
/** Text of `a` and `b` that keeps an automaton busy; the same in each run. */
function noise(length: number): string {
  let text = "";
  for (let i = 0; i < length; i++) {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    text += (seed >> 16) & 1 ? "a" : "b";
  }
  return text;
}

const members = (count: number) => `{${Array.from({ length: count }, (_, i) => `"k${i}":0`).join()}}`;
const kinds = [
  {
    name: "^[a-z]+$ against 4 MB",
    schema: { pattern: "^[a-z]+$" },
    body: () => JSON.stringify("a".repeat(4_000_000)),
  },
  {
    name: "a[ab]{100}c against 0.1 MB",
    schema: { pattern: "a[ab]{100}c" },
    body: () => JSON.stringify(noise(100_000)),
  },
  {
    name: "a[ab]{100}c against 15 KB",
    schema: { pattern: "a[ab]{100}c" },
    body: () => JSON.stringify(noise(15_000)),
  },
  {
    name: "JSON of 350 000 members",
    schema: { additionalProperties: { type: "number" } },
    body: () => members(350_000),
  },
] as const;
const pairs = rounds(3, 11, 61);
const firstUsesOfPair = 3;
const firstUses = pairs * firstUsesOfPair;
/** Operations that lead to 4 MB of schemas which the API shares; each is another one. */
const sharedUsesOfPair = 10;
const sharedUses = pairs * sharedUsesOfPair;
const shared = { Large: { type: "object", description: "x".repeat(4_000_000) } };
const operation = (mark: number) => ({
  parameters: [{ in: "query", name: `q${mark}`, schema: { type: "string" } }],
  requestBody: { content: { "application/json": { schema: { $ref: "#/components/schemas/Large" } } } },
});

fault(
  {
    row: "57",
    fault:
      "large strings against patterns, JSON of 350 000 members, first uses of schemas with 300 properties and of operations that share 4 MB of schemas",
    holds: "each gets its verdict; the client of another API is served meanwhile",
    target: "neighbor's p99 ≤ 2×",
  },
  async () => {
    await using upstream = await Upstream.start({ behaviour: () => ({ body: "well" }) });
    const schemas = [
      ...kinds.map(({ schema }) => schema),
      ...Array.from({ length: firstUses }, (_, i) => manyProperties(i)),
    ];
    await using node = await SmallNode.start(
      served(
        anIntegration("int_plain", upstream.url),
        anApi("api_1", [aRoute("GET", "/a", "int_plain")]),
        aKey("key_1", "api_1", {}, key).resource,
        ...schemas.map((schema, i) =>
          anIntegration(`int_${i}`, upstream.url, { requestSchema: JSON.stringify(schema) }),
        ),
        anApi(
          "api_costly",
          schemas.flatMap((_, i) => [
            { ...aRoute("POST", `/checked/${i}`, `int_${i}`), validate: true },
            aRoute("POST", `/free/${i}`, `int_${i}`),
          ]),
        ),
        anApi(
          "api_shared",
          Array.from({ length: sharedUses }, (_, i) => [
            {
              ...aRoute("POST", `/checked/${i}`, "int_plain"),
              validate: true,
              operation: JSON.stringify(operation(i)),
            },
            aRoute("POST", `/free/${i}`, "int_plain"),
          ]).flat(),
          { schemas: JSON.stringify(shared) },
        ),
        sharedKey.resource,
        costlyKey.resource,
      ),
    );
    const traffic = new Traffic(2, () => ({ url: `${node.url}/a`, key }), 2);
    await traffic.more(500);
    const statuses = new Map<number, number>();
    const send = async (prefix: string, i: number, body: string, { secret } = costlyKey): Promise<void> => {
      const { status } = await shoot({
        url: `${node.url}/${prefix}/${i}`,
        key: secret,
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body,
      });
      if (prefix === "checked") statuses.set(status, (statuses.get(status) ?? 0) + 1);
    };
    const bodies = kinds.map(({ body }) => body());
    const sendAll = async (prefix: string, pair: number): Promise<void> => {
      for (const [i, body] of bodies.entries()) await send(prefix, i, body);
      for (let i = 0; i < firstUsesOfPair; i++)
        await send(prefix, kinds.length + pair * firstUsesOfPair + i, '{"p1":"x"}');
      for (let i = 0; i < sharedUsesOfPair; i++)
        await send(prefix, pair * sharedUsesOfPair + i, "{}", sharedKey);
    };
    const withoutMs: number[] = [];
    const besideMs: number[] = [];
    for (let pair = 0; pair < pairs; pair++) {
      // The same bytes to the same integrations, so that only the checks make a difference.
      withoutMs.push(await p99Beside(traffic, () => sendAll("free", pair)));
      besideMs.push(await p99Beside(traffic, () => sendAll("checked", pair)));
    }
    await traffic.stop();
    // Checked and passed, or refused as too costly; never without a response.
    for (const status of statuses.keys()) expect([200, 422]).toContain(status);
    expect(statuses.get(200)).toBeGreaterThan(0);
    expect(traffic.report.reasons).toEqual([]);
    const compared = expectUndisturbed(withoutMs, besideMs);
    const counts = [...statuses].map(([status, count]) => `${count} × ${status}`).join(", ");
    return `neighbor's p99 where checks are off and on: ${compared}; ${kinds.length * pairs} costly bodies and ${firstUses + sharedUses} first uses: ${counts}`;
  },
);
