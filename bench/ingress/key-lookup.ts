/** Key look-up among ten keys and among a million: the same table, the same code, in one process, rounds interleaved. */
import { err, generateApiKey } from "@latchkey/core";
import { encodeResource } from "@latchkey/snapshot";
import { aKey } from "@latchkey/testkit";
import { TableBuilder } from "../../packages/ingress/src/table/build-table.js";
import type { RouteTable } from "../../packages/ingress/src/table/route-table.js";
import { median } from "../results.js";

const LOOKUPS = 300_000;
const ROUNDS = 7;

interface Sample {
  readonly keys: number;
  /** Ten callers that come again and again. */
  readonly repeatNs: number;
  /** Well-formed keys that nobody has: hashed each time. */
  readonly unknownNs: number;
}

export async function keyLookup(sizes: readonly number[]): Promise<readonly Sample[]> {
  const unknown = Array.from({ length: 1_000 }, generateApiKey);
  const tables: { keys: number; table: RouteTable; hot: string[]; repeat: number[]; unknown: number[] }[] =
    [];
  for (const keys of sizes) {
    const secrets = Array.from({ length: keys }, generateApiKey);
    tables.push({ keys, table: await tableOf(secrets), hot: spread(secrets, 10), repeat: [], unknown: [] });
  }
  for (let round = 0; round <= ROUNDS; round++) {
    for (const one of tables) {
      const [repeat, miss] = [nsOfLookup(one.table, one.hot), nsOfLookup(one.table, unknown)];
      if (round === 0) continue; // warms up
      one.repeat.push(repeat);
      one.unknown.push(miss);
    }
  }
  return tables.map((one) => ({
    keys: one.keys,
    repeatNs: median(one.repeat),
    unknownNs: median(one.unknown),
  }));
}

async function tableOf(secrets: readonly string[]): Promise<RouteTable> {
  const builder = new TableBuilder(
    { epoch: 1, number: 1 },
    {
      create: () => err("there are no integrations here"),
      createCredential: () => ({ problem: "there are no credentials here", look: () => undefined }),
    },
    null,
  );
  await builder.add(
    secrets.map((secret, i) => encodeResource(aKey(`key_${i}`, "api_bench", {}, secret).resource)),
  );
  return builder.table;
}

function nsOfLookup(table: RouteTable, secrets: readonly string[]): number {
  let found = 0;
  const before = process.hrtime.bigint();
  for (let i = 0; i < LOOKUPS; i++) if (table.find(secrets[i % secrets.length] as string) !== null) found++;
  const ns = Number(process.hrtime.bigint() - before) / LOOKUPS;
  if (found !== 0 && found !== LOOKUPS) throw new Error(`${found} of ${LOOKUPS} look-ups found something`);
  return ns;
}

function spread(secrets: readonly string[], count: number): string[] {
  return Array.from({ length: count }, (_, i) => secrets[Math.floor((i * secrets.length) / count)] as string);
}
