/** Requests that are dear to check, beside a client of another API. */
import { aKey, anApi, anIntegration, aRoute, served, Upstream } from "@latchkey/testkit";
import { expect } from "vitest";
import { fault } from "./support/fault.js";
import { rounds } from "./support/mode.js";
import { key, SmallNode } from "./support/small-node.js";
import { shoot, Traffic } from "./support/traffic.js";

const dearKey = aKey("key_dear", "api_dear");

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
const firstUses = rounds(8, 60, 300);
const dearRounds = rounds(2, 10, 60);

fault(
  {
    row: "57",
    fault:
      "large strings against patterns, JSON of 350 000 members, first uses of schemas with 300 properties",
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
          "api_dear",
          schemas.flatMap((_, i) => [
            { ...aRoute("POST", `/checked/${i}`, `int_${i}`), validate: true },
            aRoute("POST", `/free/${i}`, `int_${i}`),
          ]),
        ),
        dearKey.resource,
      ),
    );
    const traffic = new Traffic(2, () => ({ url: `${node.url}/a`, key }), 2);
    await traffic.more(500);
    const bodies = [
      ...kinds.map(({ body }) => body()),
      ...Array.from({ length: firstUses }, () => '{"p1":"x"}'),
    ];
    /** The neighbor's p99 while all bodies come, the dear ones several times. */
    const p99Beside = async (prefix: string, statuses: Map<number, number>): Promise<number> => {
      traffic.forgetLatencies();
      for (let round = 0; round < dearRounds; round++) {
        for (const [i, body] of bodies.entries()) {
          if (round > 0 && i >= kinds.length) break;
          const { status } = await shoot({
            url: `${node.url}/${prefix}/${i}`,
            key: dearKey.secret,
            method: "POST",
            headers: { "Content-Type": "application/json" },
            body,
          });
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
        }
      }
      await traffic.more(500);
      return traffic.report.p99Ms;
    };
    // The same bytes to the same integrations, so that only the checks make a difference.
    const before = await p99Beside("free", new Map());
    const statuses = new Map<number, number>();
    const during = await p99Beside("checked", statuses);
    await traffic.stop();
    // Checked and passed, or told to be too dear; never unanswered.
    for (const status of statuses.keys()) expect([200, 422]).toContain(status);
    expect(statuses.get(200)).toBeGreaterThan(0);
    expect(traffic.report.reasons).toEqual([]);
    const counts = [...statuses].map(([status, count]) => `${count} × ${status}`).join(", ");
    return (
      `neighbor's p99 ${before.toFixed(1)} ms beside ${kinds.length * dearRounds} dear bodies and ${firstUses} others ` +
      `that are not checked, ${during.toFixed(1)} ms where they are: ${counts}`
    );
  },
);
