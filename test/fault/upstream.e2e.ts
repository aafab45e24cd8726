/** Integrations that die, stall, reset and answer garbage under load, beside one that is well. */
import type { Socket } from "node:net";
import { type AnswerValue, type SeenRequest, Upstream, type UpstreamBehaviour } from "@latchkey/testkit";
import { expect } from "vitest";
import { fault } from "./support/fault.js";
import { rounds } from "./support/mode.js";
import { key, resourcesOf, SmallNode } from "./support/small-node.js";
import { type Answer, Traffic } from "./support/traffic.js";

const TIMEOUT_MS = 400;
const well: UpstreamBehaviour = () => ({ status: 200, body: "well" });
const raw =
  (bytes: string, then: (socket: Socket) => void): UpstreamBehaviour =>
  (_request, socket) => {
    socket.write(bytes);
    then(socket);
    return null;
  };
const head = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n";
const nothing = (): null => null;

interface Phase {
  readonly name: string;
  readonly behaviour: UpstreamBehaviour;
  /** Codes of the gateway's answers that are the fault's own. */
  readonly codes: readonly string[];
  /** The answer breaks off after its head was passed on. */
  readonly breaks?: boolean;
}

const phases: readonly Phase[] = [
  {
    name: "resets",
    behaviour: raw("", (socket) => socket.resetAndDestroy()),
    codes: ["upstream.reset"],
  },
  { name: "stalls", behaviour: nothing, codes: ["upstream.timeout"] },
  {
    name: "answers garbage",
    behaviour: raw("\u0000\u0001 no HTTP at all \r\n\r\n", (socket) => socket.end()),
    codes: ["upstream.protocol_error"],
  },
  {
    name: "two lengths",
    behaviour: raw("HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 9\r\n\r\nbody", nothing),
    codes: ["upstream.protocol_error"],
  },
  {
    name: "endless head",
    behaviour: raw(`HTTP/1.1 200 OK\r\nX: ${"x".repeat(64 * 1024)}`, nothing),
    codes: ["upstream.protocol_error"],
  },
  { name: "stalls in the body", behaviour: raw(`${head}half`, nothing), codes: [], breaks: true },
  {
    name: "resets in the body",
    behaviour: raw(`${head}half`, (socket) => setImmediate(() => socket.resetAndDestroy())),
    codes: ["upstream.reset"],
    breaks: true,
  },
];

fault(
  {
    row: "22, 23, 25, 26",
    fault: "an integration that dies, stalls, resets, answers garbage and comes back, under load",
    holds:
      "its own requests get the code that says so, nobody else's are lost; it is used again when it is well",
    target: "0 lost beside the fault's own, memory flat, 0 repeated POSTs",
  },
  async () => {
    await using good = await Upstream.start({ behaviour: well });
    let behaviour = well;
    const seen = new Map<string, number>();
    const answer = (
      request: SeenRequest,
      socket: Socket,
    ): AnswerValue | null | Promise<AnswerValue | null> => {
      const id = request.header("interchangeid") ?? "";
      seen.set(id, (seen.get(id) ?? 0) + 1);
      return behaviour(request, socket);
    };
    let bad = await Upstream.start({ behaviour: answer });
    const { port } = bad;
    await using node = await SmallNode.start(resourcesOf({ good: `${good.url}/`, bad: `${bad.url}/` }), {
      env: {
        LATCHKEY_INGRESS_UPSTREAMS_FIRST_BYTE_TIMEOUT_MS: String(TIMEOUT_MS),
        LATCHKEY_INGRESS_UPSTREAMS_BODY_IDLE_TIMEOUT_MS: String(TIMEOUT_MS),
      },
    });
    const others = new Traffic(4, () => ({ url: `${node.url}/good`, key, method: "POST", body: "x" }), 1);
    const count = rounds(24, 600, 5_000);
    let broken = 0;
    const strike = async (codes: readonly string[], mayBreak: boolean, isWell = false): Promise<void> => {
      const judge = ({ status, error, body }: Answer): string | null => {
        if (isWell) return status === 200 && body === "well" ? null : `${status} ${error} after the fault`;
        broken++;
        return codes.includes(error ?? "") || (mayBreak && status === 200)
          ? null
          : `${status} ${error}, not ${codes}`;
      };
      const traffic = new Traffic(8, () => ({
        url: `${node.url}/bad`,
        key,
        method: "POST",
        body: "y",
        judge,
        mayBreak,
      }));
      await traffic.more(count);
      expect((await traffic.stop()).reasons).toEqual([]);
    };
    await others.more(200);
    await strike([], false, true);
    const before = node.rssMib;
    for (const phase of phases) {
      behaviour = phase.behaviour;
      await strike(phase.codes, phase.breaks ?? false);
      // A socket that broke may be found dead by one more request each, which was not sent twice.
      behaviour = well;
      await node.isIdle();
      await strike([], false, true);
    }
    await bad.close();
    await strike(["upstream.connect_refused", "upstream.reset"], false);
    bad = new Upstream({ behaviour: answer });
    await bad.listen(port);
    await strike([], false, true);
    await node.isIdle();
    const after = node.rssMib;
    const report = await others.stop();
    await bad.close();
    expect(report.reasons).toEqual([]);
    expect([...seen.values()].filter((times) => times > 1)).toEqual([]);
    return `${phases.length + 1} kinds, ${broken} requests hit; ${report.sent} others meanwhile, 0 lost (p99 ${report.p99Ms.toFixed(1)} ms); 0 POSTs repeated; RSS ${before.toFixed(0)} → ${after.toFixed(0)} MiB`;
  },
);
