/** The stream and the database behind it are lied to, doubled or set back: nothing is confirmed that is not enforced. */
import { once } from "node:events";
import { copyFileSync, rmSync } from "node:fs";
import { type ClientHttp2Session, connect as connectHttp2 } from "node:http2";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { eventually, SimulatedNode, startProcess } from "@latchkey/testkit";
import { expect } from "vitest";
import { enforced, type Revision } from "../support/seed.js";
import { latchkeyCommand, Stack } from "../support/stack.js";
import { BusyStack } from "./support/busy-stack.js";
import { fault } from "./support/fault.js";
import { quantile, rssMib } from "./support/figures.js";
import { shoot } from "./support/traffic.js";

interface Receipt {
  readonly complete: boolean;
  readonly pending: readonly { readonly node: string }[];
}

async function receiptOf(stack: Stack, revision: Revision | null): Promise<Receipt> {
  const { awaitRevision } = await stack.graphql<{ awaitRevision: Receipt }>(
    "query($revision: RevisionInput!) { awaitRevision(revision: $revision, timeoutMs: 0) { complete pending { node } } }",
    { revision },
  );
  return awaitRevision;
}

fault(
  {
    row: "63",
    fault: "a node acknowledges revisions that it was never sent, and extreme numbers",
    holds: "nothing is confirmed, its stream is closed, `nodes` and the other node are unaffected",
    target: "receipts and `nodes` unaffected",
  },
  async () => {
    await using busy = await BusyStack.start();
    const { stack, traffic } = busy;
    const { token } = await stack.makeNode("liar");
    const liar = new SimulatedNode({
      address: stack.grpcAddress,
      nodeId: "liar",
      token,
      acknowledges: false,
    });
    const closedMs: number[] = [];
    try {
      const huge = 2n ** 64n - 1n;
      const lies: readonly ((now: { epoch: bigint; number: bigint }) => { epoch: bigint; number: bigint })[] =
        [
          ({ epoch, number }) => ({ epoch, number: number + 1_000n }),
          ({ epoch }) => ({ epoch, number: huge }),
          ({ epoch, number }) => ({ epoch: epoch + 1n, number }),
          () => ({ epoch: huge, number: huge }),
        ];
      for (const [i, lie] of lies.entries()) {
        liar.connect();
        await liar.until(({ revision }) => revision !== null);
        const revoked = await busy.revoke(await busy.makeApi(`revoked ${i}`));
        await liar.untilRevision(revoked?.number ?? 0);
        const startedMs = performance.now();
        const { epoch, number } = revoked ?? { epoch: 0, number: 0 };
        liar.acknowledge({ revision: lie({ epoch: BigInt(epoch), number: BigInt(number) }) });
        await liar.untilEnd();
        closedMs.push(performance.now() - startedMs);
        const receipt = await receiptOf(stack, revoked);
        expect(receipt.complete).toBe(false);
        expect(receipt.pending.map(({ node }) => node)).toContain("liar");
        const { ingressNodes } = await stack.graphql<{
          ingressNodes: { nodes: { name: string; revision: Revision | null }[] };
        }>(
          "{ ingressNodes(first: 10) { nodes { name revision { epoch number } rssBytes requestsInFlight applyMicroseconds } } }",
        );
        expect(ingressNodes.nodes.find(({ name }) => name === "liar")?.revision?.number ?? 0).toBeLessThan(
          number,
        );
      }
    } finally {
      liar.close();
    }
    expect(traffic.report.reasons).toEqual([]);
    return `4 of 4 false ACKs confirmed nothing; the stream was closed after at most ${quantile(closedMs, 1).toFixed(0)} ms; ${traffic.sent} requests, 0 failed`;
  },
);

fault(
  {
    row: "60",
    fault:
      "a second control plane, a second `latchkey dev` and a restore on the data folder of a running one",
    holds: "each is refused at its start; a backup passes; a killed control plane leaves no lock behind",
    target: "message names pid and ports",
  },
  async () => {
    await using stack = await Stack.start({ nodes: 0 });
    const { pid } = stack.controlPlane;
    const port = new URL(stack.graphqlUrl).port;
    const backup = join(stack.dir, "backup.db");
    const env = {
      LATCHKEY_CONTROL_PLANE_DATA_DIR: stack.dataDir,
      LATCHKEY_CONTROL_PLANE_HTTP_PORT: "0",
      LATCHKEY_CONTROL_PLANE_GRPC_PORT: "0",
      LATCHKEY_CONTROL_PLANE_ADMIN_TOKEN: stack.adminToken,
    };
    const run = async (...args: readonly string[]): Promise<string> => {
      await using child = startProcess({ args: [latchkeyCommand, ...args], env });
      const { code } = await child.exited;
      return `${code} ${child.output}`;
    };
    expect(await run("backup", backup, "--data-dir", stack.dataDir)).toMatch(/^0 /);
    const ports = ["--graphql-port", "0", "--grpc-port", "0", "--ingress-port", "0"];
    const refusals = await Promise.all([
      run("control-plane"),
      run("dev", ...ports, "--data-dir", stack.dataDir),
      run("restore", backup, "--data-dir", stack.dataDir),
    ]);
    for (const refusal of refusals) {
      expect(refusal).toMatch(/^1 /);
      expect(refusal).toContain(`pid ${pid}`);
      expect(refusal).toContain(`:${port}`);
    }
    await stack.controlPlane.stop("SIGKILL");
    const startedMs = performance.now();
    await stack.restartControlPlane();
    const startMs = performance.now() - startedMs;
    return `3 of 3 refused with pid and ports, the backup of the running one passed; after SIGKILL the next one started in ${(startMs / 1000).toFixed(1)} s`;
  },
);

fault(
  {
    row: "59",
    fault: "the SQLite file is restored by copying an older one in its place",
    holds:
      "a new epoch begins by itself, is shown to operators, and a key disabled afterwards is refused at once",
    target: "changes enforced or refused with an instruction, never silently pending",
  },
  async () => {
    await using busy = await BusyStack.start();
    const { stack } = busy;
    const victim = await busy.makeApi("disabled after the restore");
    const database = join(stack.dataDir, "latchkey.db");
    const copy = join(stack.dir, "copy.db");
    await stack.controlPlane.stop();
    copyFileSync(database, copy);
    await stack.restartControlPlane();
    await enforced(stack, (await busy.makeApi("lost")).revision);
    await stack.controlPlane.stop("SIGKILL");
    for (const suffix of ["-wal", "-shm"]) rmSync(database + suffix, { force: true });
    copyFileSync(copy, database);
    const startedMs = performance.now();
    await stack.restartControlPlane();
    const setBack = await eventually(async () => {
      const { server } = await stack.graphql<{ server: { databaseSetBack: { message: string } | null } }>(
        "{ server { databaseSetBack { message } } }",
      );
      return server.databaseSetBack ?? undefined;
    }, "operators are shown that the database went back");
    const shownMs = performance.now() - startedMs;
    expect(setBack.message).toContain("went back to revision");
    await enforced(stack, await busy.revoke(victim, "disable"));
    const disabledMs = performance.now() - startedMs - shownMs;
    expect((await shoot({ url: busy.url, key: victim.secret })).status).toBe(403);
    expect(busy.traffic.report.reasons).toEqual([]);
    return `new epoch ${(shownMs / 1000).toFixed(1)} s after the start of the control plane; a key disabled then was refused by the node after ${disabledMs.toFixed(0)} ms; ${busy.traffic.sent} requests, 0 failed`;
  },
);

const SILENT = 5_000;

fault(
  {
    row: "31",
    fault: `${SILENT} silent connections to the gRPC port from one address`,
    holds:
      "a node that comes meanwhile is accepted at once, the one that is there is not disturbed, the silent ones are closed",
    target: "node in ≤ 1 s; all closed after 10 s",
  },
  async () => {
    await using stack = await Stack.start({ nodes: 0 });
    const port = Number(stack.grpcAddress.split(":").at(-1));
    const [here, late] = await Promise.all(
      ["here", "late"].map(async (nodeId) => {
        const { token } = await stack.makeNode(nodeId);
        return new SimulatedNode({ address: stack.grpcAddress, nodeId, token });
      }),
    );
    if (here === undefined || late === undefined) throw new Error("no nodes");
    const sockets: Socket[] = [];
    const closed: Promise<void>[] = [];
    try {
      here.connect();
      await here.until(({ revision }) => revision !== null);
      for (let i = 0; i < SILENT; i++) {
        const socket = connect(port, "127.0.0.1");
        socket.on("error", () => {});
        socket.resume();
        sockets.push(socket);
        closed.push(new Promise((resolve) => socket.once("close", () => resolve())));
        if (i % 250 === 249) await new Promise<void>((resolve) => socket.once("connect", () => resolve()));
      }
      const comesMs = performance.now();
      late.connect();
      await late.until(({ revision }) => revision !== null);
      const inMs = performance.now() - comesMs;
      // Those that are never closed keep the row waiting; how long it takes is idle-connections.test.ts's.
      await Promise.all(closed);
      const closedMs = performance.now() - comesMs;
      expect([here.isConnected, late.isConnected]).toEqual([true, true]);
      return `the node that came was let in after ${inMs.toFixed(0)} ms; the last silent one was closed ${(closedMs / 1_000).toFixed(1)} s later (at most 256 of one address are kept, for 10 s)`;
    } finally {
      for (const socket of sockets) socket.destroy();
      here.close();
      late.close();
    }
  },
  // Ten seconds of waiting; idle-connections.test.ts and failing-nodes.test.ts hold the same with a shorter limit.
  { isLong: true },
);

const CONNECTIONS = 20;
const CALLS = 100;

fault(
  {
    row: "31",
    fault: `${CONNECTIONS} connections to the gRPC port, each with ${CALLS} calls without a token that begin messages of 1 MB`,
    holds: "a call without a token is reset after some kilobytes, and the memory of the control plane stays",
    target: "RSS growth ≤ 64 MiB",
  },
  async () => {
    await using stack = await Stack.start({ nodes: 0 });
    const beforeMib = rssMib(stack.controlPlane.pid);
    const begun = Buffer.alloc(64 * 1024);
    begun.writeUInt32BE(1_000_000, 1);
    let mostMib = beforeMib;
    let endedCount = 0;
    const sessions: ClientHttp2Session[] = [];
    try {
      for (let i = 0; i < CONNECTIONS; i++) {
        const session = connectHttp2(`http://${stack.grpcAddress}`);
        session.on("error", () => {});
        sessions.push(session);
        await once(session, "remoteSettings");
        const calls = Array.from({ length: CALLS }, async (_, call) => {
          const method = ["Check", "Watch"][call % 2];
          const stream = session.request({
            ":method": "POST",
            ":path": `/grpc.health.v1.Health/${method}`,
            "content-type": "application/grpc",
          });
          stream.on("error", () => {});
          stream.write(begun);
          await new Promise<void>((resolve) => stream.once("close", () => resolve()));
          endedCount++;
        });
        await Promise.all(calls);
        mostMib = Math.max(mostMib, rssMib(stack.controlPlane.pid));
      }
    } finally {
      for (const session of sessions) session.destroy();
    }
    expect(endedCount).toBe(CONNECTIONS * CALLS);
    expect(mostMib - beforeMib).toBeLessThan(64);
    return `${endedCount} calls reset; RSS ${beforeMib.toFixed(0)} → at most ${mostMib.toFixed(0)} MiB`;
  },
);
