/**
 * Differential fuzzing of what a node remembers between requests: random sequences over connections that are kept, each
 * request again on a connection of its own, with revocations and changed routes in between. From a seed
 * (LATCHKEY_TEST_SEED), which the figure tells.
 */
import { type Pick, seededPick } from "@latchkey/http1/corpus";
import {
  aKey,
  anApi,
  anIntegration,
  aRoute,
  RawClient,
  type RawResponse,
  served,
  type TestKey,
  Upstream,
} from "@latchkey/testkit";
import { expect } from "vitest";
import { engines } from "../support/engines.js";
import { fault } from "./support/fault.js";
import { rounds } from "./support/mode.js";
import { seed } from "./support/seed.js";
import { SmallNode } from "./support/small-node.js";

const fronts = (["strict", "uws"] as const).filter((engine) => engines.includes(engine));
const SEQUENCES = rounds(240, 10_000, 100_000);
const REQUESTS_MAX = 6;
/** Sequences at the same time, each on a kept connection of its own. */
const AT_ONCE = 8;

/** What may differ between two responses to the same request: ids, dates, ports. */
const VARYING =
  /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32}-[0-9a-f]{16}|[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} [\d:]{8} GMT|(?<=127\.0\.0\.1:)\d+/g;

interface KnownKey extends TestKey {
  readonly apiId: string;
  state: "active" | "disabled" | "deleted";
}

/** Two APIs with the same paths and other targets; a change of `swapped` changes where they lead. */
const apiOf = (id: string, isSwapped: boolean) => {
  const [one, two] = (id === "api_1") === isSwapped ? ["int_2", "int_1"] : ["int_1", "int_2"];
  return anApi(id, [
    aRoute("ANY", "/a", one),
    aRoute("GET", "/b/{id}", two),
    aRoute("POST", "/b/{id}", one),
    aRoute("ANY", "/c/{rest*}", two),
  ]);
};

/** Few values each, so that most of a request is what the connection has seen before. */
function requestOf(
  keys: readonly KnownKey[],
  pick: Pick,
): { readonly bytes: string; readonly key: KnownKey | null } {
  const one = <T>(list: readonly T[]): T => list[pick(list.length)] as T;
  const key = pick(12) === 0 ? null : one(keys);
  const method = one(["GET", "GET", "GET", "POST", "PUT", "DELETE"]);
  const target = one([
    "/a",
    "/a",
    "/a?x=1",
    "/a?x=1&y=%C3%A5",
    "/b/1",
    "/b/2",
    "/b/%2F",
    "/c/d/e",
    "/c/",
    "/none",
  ]);
  const secret = key?.secret ?? one(["unknown", `${keys[0]?.secret.slice(0, -1)}`]);
  const lines = [
    `Host: ${one(["a", "a", "b.example"])}`,
    `${one(["Connxio-Api-Key", "connxio-api-key"])}: ${secret}`,
    ...one([
      [],
      [],
      ["Accept: */*", "User-Agent: one"],
      ["Cookie: a=1; b=2"],
      ["X-Forwarded-For: 192.0.2.7", "Forwarded: for=192.0.2.8"],
      ["Connection: X-Hop", "X-Hop: 1"],
      ["Accept-Encoding: gzip", "Traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"],
      [`X-Varied: ${pick(1_000)}`],
    ]),
  ];
  const head = (more: readonly string[]) =>
    `${method} ${target} HTTP/1.1\r\n${[...lines, ...more].join("\r\n")}\r\n\r\n`;
  if (method === "GET" || method === "DELETE") return { bytes: head([]), key };
  const body = one(["", "{}", "x".repeat(pick(3_000))]);
  const type = one(["application/json", "text/plain"]);
  if (pick(3) > 0 || body === "")
    return { bytes: head([`Content-Type: ${type}`, `Content-Length: ${body.length}`]) + body, key };
  const chunked = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
  return { bytes: head(["Transfer-Encoding: chunked", `Content-Type: ${type}`]) + chunked, key };
}

function textOf({ status, headers, body }: RawResponse): string {
  const lines = [];
  for (let i = 0; i < headers.length; i += 2) lines.push(`${headers[i]}: ${headers[i + 1]}`);
  return `${status}\n${lines.join("\n")}\n\n${body.toString("latin1")}`.replace(VARYING, "(varies)");
}

for (const engine of fronts)
  fault(
    {
      row: "75",
      fault: `${SEQUENCES} sequences of requests over kept and fresh connections, keys revoked and routes changed in between, front ${engine}`,
      holds: "a kept connection gives byte for byte what a fresh one gives; no revoked key passes",
      target: "0 differences",
    },
    async () => {
      const pick = seededPick(seed);
      const echo = ({
        method,
        target,
        headers,
        body,
      }: {
        method: string;
        target: string;
        headers: readonly string[];
        body: Buffer;
      }) => ({
        headers: ["Content-Type", "text/plain", "Vary", "Accept"],
        body: `${method} ${target}\n${headers.join("\n")}\n${body.toString("latin1")}`,
      });
      await using first = await Upstream.start({
        behaviour: (request) => ({ ...echo(request), status: 200 }),
      });
      await using second = await Upstream.start({
        behaviour: (request) => ({ ...echo(request), status: 202 }),
      });
      const keys: KnownKey[] = ["api_1", "api_1", "api_2", "api_2"].map((apiId, i) => ({
        ...aKey(`key_${i}`, apiId),
        apiId,
        state: "active",
      }));
      await using node = await SmallNode.start(
        served(
          anIntegration("int_1", `${first.url}/`, { method: "AS_RECEIVED" }),
          anIntegration("int_2", `${second.url}/`, { method: "AS_RECEIVED" }),
          apiOf("api_1", false),
          apiOf("api_2", false),
          ...keys.map(({ resource }) => resource),
        ),
        { env: { LATCHKEY_INGRESS_ENGINE: engine } },
      );
      for (const { secret } of keys) node.secrets.add(secret);
      let changes = 0;
      let isSwapped = false;
      const change = async () => {
        const key = keys[pick(keys.length)] as KnownKey;
        changes++;
        if (pick(4) === 0) {
          isSwapped = !isSwapped;
          node.server.change(served(apiOf(key.apiId, isSwapped)));
        } else if (key.state !== "active") {
          key.state = "active";
          node.server.change(served(key.resource));
        } else if (pick(2) === 0) {
          key.state = "disabled";
          node.server.change(served({ ...key.resource, active: false }));
        } else {
          key.state = "deleted";
          node.server.change([], [{ kind: "key", id: key.resource.id }]);
        }
        await node.server.acked();
      };

      const kept: (RawClient | null)[] = Array.from({ length: AT_ONCE }, () => null);
      const differences: string[] = [];
      let sent = 0;
      let onKept = 0;
      const ask = async (bytes: string, client: RawClient) => textOf(await client.send(bytes).response());
      const play = async (place: number) => {
        const requests = Array.from({ length: 1 + pick(REQUESTS_MAX) }, () => requestOf(keys, pick));
        for (const { bytes, key } of requests) {
          let warm = kept[place] ?? null;
          if (warm === null || warm.isClosed) warm = kept[place] = await RawClient.connect(node.port);
          else onKept++;
          const ofKept = await ask(bytes, warm);
          using fresh = await RawClient.connect(node.port);
          const ofFresh = await ask(bytes, fresh);
          sent++;
          if (/\nconnection: close\n/i.test(ofKept)) {
            warm[Symbol.dispose]();
            kept[place] = null;
          }
          const expected =
            key === null || key.state === "deleted" ? "401" : key.state === "disabled" ? "403" : null;
          const status = ofKept.slice(0, 3);
          const isWrong = expected === null ? status === "401" || status === "403" : status !== expected;
          if (ofKept !== ofFresh || isWrong)
            differences.push(`${JSON.stringify(bytes)}, key ${key?.state}: kept ${ofKept}, fresh ${ofFresh}`);
        }
      };
      for (let done = 0; done < SEQUENCES; done += AT_ONCE) {
        await Promise.all(kept.map((_client, place) => play(place)));
        expect(
          differences.map((text) => text.replaceAll(/lk_[\w-]+/g, "KEY")).slice(0, 3),
          `seed ${seed}`,
        ).toEqual([]);
        first.seen.length = 0;
        second.seen.length = 0;
        await change();
      }
      for (const client of kept) client?.[Symbol.dispose]();
      return `0 differences in ${sent} pairs of requests, ${onKept} of them on connections with a past; ${changes} changes; seed ${seed}`;
    },
    { timeoutMs: rounds(300_000, 3_600_000, 36_000_000) },
  );
