/** Keys that stop being valid at awkward moments: in the middle of a request, and while clocks are wrong. */
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  aKey,
  anApi,
  anIntegration,
  aRoute,
  eventually,
  served,
  type TestKey,
  Upstream,
} from "@latchkey/testkit";
import { expect } from "vitest";
import { engines } from "../support/engines.js";
import { enforced, type MadeApi, mutate } from "../support/seed.js";
import { BusyStack, isRefused } from "./support/busy-stack.js";
import { FalseClock } from "./support/false-clock.js";
import { fault } from "./support/fault.js";
import { checkInvariants } from "./support/invariants.js";
import { mode, rounds } from "./support/mode.js";
import { SmallNode } from "./support/small-node.js";
import { shoot } from "./support/traffic.js";

interface LongRequest {
  readonly made: TestKey;
  /** Lets the client send the rest of its body. */
  readonly finishUpload: () => void;
  readonly response: Promise<string>;
}

/** Half of its body is sent; the response is read to its end. */
function upload(port: number, made: TestKey, api: string): LongRequest {
  const socket = connect(port, "127.0.0.1");
  socket.write(
    `POST /${api} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nConnxio-Api-Key: ${made.secret}\r\nContent-Length: 8\r\n\r\nhalf`,
  );
  let text = "";
  const response = new Promise<string>((resolve) => {
    socket.on("data", (bytes) => {
      text += bytes.toString("latin1");
    });
    socket.on("error", (error) => resolve(error.message));
    socket.on("close", () => resolve(text));
  });
  return { made, finishUpload: () => socket.write("half"), response };
}

for (const engine of mode === "quick" ? engines.slice(0, 1) : engines)
  fault(
    {
      row: "34",
      fault: `key disabled, expired, deleted, its API and integration gone, within a long request (engine ${engine})`,
      holds: "the request is finished, in both directions; the next one with that key is refused",
      target: "all finished whole, 0 new ones pass",
    },
    async () => {
      let release = (): void => undefined;
      const released = new Promise<void>((resolve) => {
        release = resolve;
      });
      let begun = 0;
      await using upstream = await Upstream.start({
        onHead: (request, socket, rest) => {
          // Takes the upload as it comes and responds at once with half a response: both directions are under way.
          socket.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfirst");
          let body = rest.toString("latin1");
          const seen = (): void => {
            if (
              request.header("transfer-encoding") === undefined
                ? body.length < 8
                : !body.endsWith("0\r\n\r\n")
            )
              return;
            void released.then(() => socket.write("other"));
          };
          socket.on("data", (bytes: Buffer) => {
            body += bytes.toString("latin1");
            seen();
          });
          begun++;
          seen();
          return true;
        },
      });
      const names = ["disabled", "expired", "deleted", "without-api", "without-integration"];
      const keys = new Map(names.map((name) => [name, aKey(`key_${name}`, `api_${name}`)]));
      const resources = names.flatMap((name) =>
        served(
          anIntegration(`int_${name}`, `${upstream.url}/`),
          anApi(`api_${name}`, [aRoute("ANY", `/${name}`, `int_${name}`)]),
          (keys.get(name) as TestKey).resource,
        ),
      );
      await using node = await SmallNode.start(resources, {
        env: {
          LATCHKEY_INGRESS_ENGINE: engine,
          // Half of a small body is to reach the integration.
          LATCHKEY_INGRESS_LIMITS_BODY_BUFFER_BYTES_MAX: "0",
          // The bodies stand still for as long as the new requests take.
          LATCHKEY_INGRESS_LIMITS_BODY_IDLE_TIMEOUT_MS: "3600000",
          LATCHKEY_INGRESS_UPSTREAMS_BODY_IDLE_TIMEOUT_MS: "3600000",
          LATCHKEY_INGRESS_UPSTREAMS_FIRST_BYTE_TIMEOUT_MS: "3600000",
        },
      });
      for (const { secret } of keys.values()) node.secrets.add(secret);
      const each = rounds(4, 20);
      const long = [...keys].flatMap(([name, made]) =>
        Array.from({ length: each }, () => upload(node.port, made, name)),
      );
      await eventually(async () => (begun === long.length ? true : undefined), "all are under way");

      const keyOf = (name: string) => (keys.get(name) as TestKey).resource;
      node.server.change(
        served(
          { ...keyOf("disabled"), active: false },
          // A node's idea of the time is behind by what heartbeats take on their way: by more than 1 ms on a busy machine.
          { ...keyOf("expired"), expiresAtMs: Date.now() - 60_000 },
          anApi("api_without-integration", []),
        ),
        [
          { kind: "key", id: "key_deleted" },
          { kind: "key", id: "key_without-api" },
          { kind: "api", id: "api_without-api" },
          { kind: "integration", id: "int_without-integration" },
        ],
      );
      await node.server.acked();
      const refusals: Record<string, number> = {
        disabled: 403,
        expired: 403,
        deleted: 401,
        "without-api": 401,
        "without-integration": 404,
      };
      let asked = 0;
      for (let i = 0; i < rounds(20, 200); i++)
        for (const [name, { secret }] of keys) {
          const { status } = await shoot({ url: `${node.url}/${name}`, key: secret });
          expect([name, status]).toEqual([name, refusals[name]]);
          asked++;
        }
      for (const { finishUpload } of long) finishUpload();
      release();
      const responses = await Promise.all(long.map(({ response }) => response));
      const whole = responses.filter(
        (text) => text.startsWith("HTTP/1.1 200 ") && text.endsWith("firstother"),
      );
      expect(responses.find((text) => !whole.includes(text))).toBeUndefined();
      await node.isIdle();
      return `${whole.length} of ${long.length} finished in both directions; ${asked} new requests meanwhile, 0 passed`;
    },
  );

const HOUR_MS = 3_600_000;

fault(
  {
    row: "21",
    fault: "the node's clock is wrong by an hour and steps, then the control plane's does",
    holds:
      "keys expire by the control plane's time; a step of the node's makes none expire or live again; no stream ends",
    target: "expiry error ≤ 5 s with the stream up; no storm",
  },
  async () => {
    const dir = mkdtempSync(join(tmpdir(), "latchkey-clock-"));
    try {
      const nodeClock = new FalseClock(join(dir, "node"), HOUR_MS);
      const serverClock = new FalseClock(join(dir, "server"));
      await using busy = await BusyStack.start({
        ingressEnv: nodeClock.env,
        controlPlaneEnv: serverClock.env,
      });
      const { stack, relay, traffic } = busy;
      const { process: node } = stack.ingress;
      const expireAt = async (api: MadeApi, atMs: number) => {
        const change = { id: api.keyId, expiresAt: new Date(atMs).toISOString() };
        await enforced(stack, (await mutate(stack, "updateApiKey", change, "key { id }")).revision);
      };
      const passes = async (api: MadeApi) => {
        const { status } = await shoot({ url: busy.url, key: api.secret });
        if (status !== 200 && !isRefused(status)) throw new Error(`${status}`);
        return status === 200;
      };
      const [lasting, ending, over] = [
        await busy.makeApi("lasting"),
        await busy.makeApi("ending"),
        await busy.makeApi("over"),
      ];
      const startedMs = Date.now();
      await expireAt(lasting, startedMs + HOUR_MS / 2);
      await expireAt(over, startedMs - 1);
      const endsMs = Date.now() + 1_000;
      await expireAt(ending, endsMs);
      expect(await passes(ending)).toBe(true);
      await eventually(async () => ((await passes(ending)) ? undefined : true), "the key expires", {
        everyMs: 2,
      });
      const errorMs = Date.now() - endsMs;

      // Steps of the node: at no moment does a key change its mind.
      let asked = 0;
      for (let i = 0; i < rounds(2, 10, 100); i++)
        for (const offsetMs of [-HOUR_MS, 0, 24 * HOUR_MS, HOUR_MS]) {
          nodeClock.step(node, offsetMs);
          const untilMs = performance.now() + 100;
          while (performance.now() < untilMs) {
            expect([await passes(lasting), await passes(over), await passes(ending)]).toEqual([
              true,
              false,
              false,
            ]);
            asked += 3;
          }
        }

      // A step of the control plane: it is the judge, so its keys expire; then it is put right.
      serverClock.step(stack.controlPlane, HOUR_MS);
      const steppedMs = performance.now();
      await eventually(
        async () => ((await passes(lasting)) ? undefined : true),
        "the node follows the step",
        { everyMs: 5 },
      );
      const followedMs = performance.now() - steppedMs;
      expect(followedMs).toBeLessThan(7_000);
      serverClock.step(stack.controlPlane, -HOUR_MS / 4);
      await eventually(async () => ((await passes(lasting)) ? true : undefined), "the node follows it back", {
        everyMs: 5,
      });
      const victim = await busy.makeApi("revoked after all that");
      await enforced(stack, victim.revision);
      await enforced(stack, await busy.revoke(victim, "disable"));
      expect(await passes(victim)).toBe(false);
      await checkInvariants(stack);
      expect(relay.connectionsMade).toBe(1);
      expect(traffic.report.reasons).toEqual([]);
      return `clock of the node an hour ahead: a key expired ${errorMs} ms late; steps by -1 h, +1 h and a day: ${asked} responses, 0 wrong; a step of the control plane followed after ${(followedMs / 1000).toFixed(1)} s (a heartbeat every 5 s); 1 stream throughout; ${traffic.sent} requests, 0 failed`;
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  },
  { isLong: true },
);
