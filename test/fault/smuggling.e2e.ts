/**
 * Differential fuzzing of the fronts: byte streams in which one request hides another, and responses that no integration
 * should give. From a seed (LATCHKEY_TEST_SEED), which the figure tells.
 */
import { FRAGMENTS, mutate, type Pick, RESPONSE_SEEDS, seededPick } from "@latchkey/http1/corpus";
import { Upstream } from "@latchkey/testkit";
import { expect } from "vitest";
import { engines } from "../support/engines.js";
import { fault } from "./support/fault.js";
import { rounds } from "./support/mode.js";
import { seed } from "./support/seed.js";
import { key, resourcesOf, SmallNode } from "./support/small-node.js";
import { ID_HEADER, readIds, StrayClient } from "./support/stray-bytes.js";

const fronts = (["strict", "uws"] as const).filter((engine) => engines.includes(engine));
const ROUNDS = rounds(400, 20_000, 400_000);
const AT_ONCE = 16;

const request = (id: string, method = "GET", more = "") =>
  `${method} /a HTTP/1.1\r\nHost: a\r\nConnxio-Api-Key: ${key}\r\n${ID_HEADER}: ${id}\r\n${more}\r\n`;

/** Lines that frame a body of this length in more than one reading. */
function framings(length: number): readonly string[] {
  const te = "Transfer-Encoding: chunked\r\n";
  const cl = `Content-Length: ${length}\r\n`;
  return [
    cl,
    te,
    cl + te,
    te + cl,
    `Content-Length: 0\r\n${cl}`,
    `${cl}Content-Length: 0\r\n`,
    `Content-Length: ${length}, 0\r\n`,
    `Content-Length: +${length}\r\n`,
    `Content-Length : ${length}\r\n`,
    "Transfer-Encoding: xchunked\r\n",
    "Transfer-Encoding: chunked, identity\r\n",
    "Transfer-Encoding:\tchunked\r\n",
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
    "Transfer_Encoding: chunked\r\n",
    "X: y\r\n Transfer-Encoding: chunked\r\n",
    "X: y\nTransfer-Encoding: chunked\r\n",
    "",
  ];
}

/**
 * uWebSockets.js takes a field line without a name for the end of the fields: neither its framing nor a handler sees those
 * behind it, so that nothing can be done about them (docs/request-path.md).
 */
const HIDES_FIELDS = /\n[\t ]*:/;

/** One request with another one in its body, or behind its end in some reading; half of them damaged further. */
function stream(round: number, pick: Pick): string {
  const hidden = request(`h${round}`);
  const one = <T>(list: readonly T[]): T => list[pick(list.length)] as T;
  const size = hidden.length.toString(16);
  const body = one([
    hidden,
    `${size}\r\n${hidden}\r\n0\r\n\r\n`,
    `0\r\n\r\n${hidden}`,
    `0\r\n${hidden}`,
    `1;\r\nx\r\n0\r\n\r\n${hidden}`,
    `${size}${one(FRAGMENTS)}\r\n${hidden}\r\n0\r\n\r\n`,
    `5\r\nhello${one(FRAGMENTS)}0\r\n\r\n${hidden}`,
  ]);
  const text = request(`o${round}`, one(["POST", "GET", "PUT"]), one(framings(body.length))) + body;
  return pick(2) === 0 ? text : mutate(text, pick);
}

/** At most four pieces. */
function cut(bytes: Buffer, pick: Pick): Buffer[] {
  const marks = Array.from({ length: pick(4) }, () => pick(bytes.length)).sort((a, b) => a - b);
  return [0, ...marks].map((from, i) => bytes.subarray(from, marks[i] ?? bytes.length));
}

for (const engine of fronts)
  fault(
    {
      row: "71",
      fault: `${ROUNDS} requests that hide another one in ambiguous framing, on warm and fresh connections, front ${engine}`,
      holds: "no hidden request reaches the integration",
      target: "0 smuggled",
    },
    async () => {
      const pick = seededPick(seed);
      const seen = new Set<string>();
      await using upstream = await Upstream.start({
        behaviour: ({ all }) => {
          const ids = [...new Set(all(ID_HEADER))];
          for (const id of ids) seen.add(id);
          return { body: `served:${ids.join(",")};` };
        },
      });
      await using node = await SmallNode.start(resourcesOf({ a: `${upstream.url}/` }), {
        env: { LATCHKEY_INGRESS_ENGINE: engine },
      });
      const honest = async (id: string, client: StrayClient) => {
        await client.send([Buffer.from(request(id))]);
        await client.until(`served:${id};`);
        expect(client.text).toContain(`served:${id};`);
      };
      /** What was sent before is read when a request on a new connection is served. */
      const barrier = async (id: string) => {
        const client = new StrayClient(node.port);
        await honest(id, client);
        client.close();
      };
      const streams: Buffer[] = [];
      const play = async (round: number): Promise<StrayClient> => {
        const bytes = Buffer.from(stream(round, pick), "latin1");
        streams[round] = bytes;
        const isWarm = pick(2) === 0;
        const client = new StrayClient(node.port);
        if (isWarm) await honest(`w${round}`, client);
        const hiddenAt = bytes.indexOf("GET /a", 5);
        if (hiddenAt < 0 || pick(2) === 0) await client.send(cut(bytes, pick));
        else {
          // A parser that takes the first request for complete has responded to it before the hidden one comes.
          await client.send([bytes.subarray(0, hiddenAt)]);
          await barrier(`p${round}`);
          await client.send([bytes.subarray(hiddenAt)]);
        }
        return client;
      };
      for (let from = 0; from < ROUNDS; from += AT_ONCE) {
        const clients = await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => play(from + i)));
        await barrier(`b${from}`);
        for (const client of clients) client.close();
      }
      const smuggled: string[] = [];
      for (const id of seen) {
        const bytes = id.startsWith("h") ? streams[Number(id.slice(1))] : undefined;
        if (bytes === undefined || (engine === "uws" && HIDES_FIELDS.test(bytes.toString("latin1"))))
          continue;
        if (!(await readIds(bytes)).has(id))
          smuggled.push(
            `seed ${seed}, ${id}: ${JSON.stringify(bytes.toString("latin1").replaceAll(key, "KEY"))}`,
          );
      }
      expect(smuggled).toEqual([]);
      const passed = [...seen].filter((id) => id.startsWith("o")).length;
      return `0 smuggled; ${passed} of ${streams.length} outer requests passed on; seed ${seed}`;
    },
    { timeoutMs: rounds(300_000, 1_800_000, 36_000_000) },
  );

const FORGED = "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nforged;";

for (const engine of fronts)
  fault(
    {
      row: "72",
      fault: `${ROUNDS} malformed responses of an integration, each followed by another client's request, front ${engine}`,
      holds: "the other client gets its own response, whole",
      target: "0 mixed",
    },
    async () => {
      const pick = seededPick(seed);
      let hostile = "";
      await using upstream = await Upstream.start({
        behaviour: ({ header }, socket) => {
          const id = header(ID_HEADER) ?? "";
          if (!id.startsWith("x")) return { body: `served:${id};` };
          socket.write(Buffer.from(hostile, "latin1"));
          return null;
        },
      });
      await using node = await SmallNode.start(resourcesOf({ a: `${upstream.url}/` }), {
        env: { LATCHKEY_INGRESS_ENGINE: engine },
      });
      const mixed: string[] = [];
      let refused = 0;
      for (let round = 0; round < ROUNDS; round++) {
        const base = RESPONSE_SEEDS[pick(RESPONSE_SEEDS.length)] as string;
        hostile = (pick(8) === 0 ? base : mutate(base, pick)) + (pick(2) === 0 ? FORGED : "");
        const victim = new StrayClient(node.port);
        await victim.send([Buffer.from(request(`x${round}`))]);
        // Both are on their way at once, and the second may get the first one's connection.
        const other = new StrayClient(node.port);
        await other.send([Buffer.from(request(`g${round}`, "GET", "Connection: close\r\n"))]);
        await other.until("never");
        victim.close();
        const body = other.text.slice(other.text.indexOf("\r\n\r\n") + 4);
        const isServed = other.text.startsWith("HTTP/1.1 200") && body === `served:g${round};`;
        const isRefused = /^HTTP\/1\.1 50[234]/.test(other.text) && /\r\nLatchkey-Error: /i.test(other.text);
        if (isRefused) refused++;
        else if (!isServed)
          mixed.push(`seed ${seed}: ${JSON.stringify(hostile)} gave ${JSON.stringify(other.text)}`);
      }
      expect(mixed).toEqual([]);
      expect(refused).toBeLessThan(ROUNDS / 10);
      return `0 mixed, ${refused} refused by the gateway; seed ${seed}`;
    },
    { timeoutMs: rounds(300_000, 1_800_000, 36_000_000) },
  );
