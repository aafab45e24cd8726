/** What a node is called by: the worst of what is true, and never healthy without having been heard. */
import type { Revision } from "@latchkey/snapshot";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AckReport, NodeSession } from "../snapshot/node-observer.js";
import { LiveNode } from "./live-node.js";
import { type NodeFacts, nodeStatus, nodeThresholds, type RegisteredNode } from "./node.js";
import { RevisionTimes } from "./revision-times.js";

const fine: NodeFacts = {
  lastSeenAgeMs: 10,
  isGone: false,
  hasDrifted: false,
  isRefusing: false,
  lagMs: null,
  hasAcked: true,
};

describe("the status of a node", () => {
  test.each<[string, Partial<NodeFacts>, string]>([
    ["all is well", {}, "HEALTHY"],
    ["a revision is on its way", { lagMs: nodeThresholds.laggingAfterMs }, "HEALTHY"],
    ["a revision is owed for long", { lagMs: nodeThresholds.laggingAfterMs + 1 }, "LAGGING"],
    ["it has nothing yet", { hasAcked: false }, "LAGGING"],
    ["it refuses and lags", { isRefusing: true, lagMs: 60_000 }, "REJECTING"],
    ["it drifted and refuses", { hasDrifted: true, isRefusing: true }, "DRIFTED"],
    ["it was not heard for long", { lastSeenAgeMs: nodeThresholds.silentAfterMs + 1 }, "SILENT"],
    ["its stream ended just now", { isGone: true, lastSeenAgeMs: 0 }, "SILENT"],
    ["it was never heard", { lastSeenAgeMs: null, hasAcked: false }, "NEVER_SEEN"],
  ])("when %s", (_, facts, status) => {
    expect(nodeStatus({ ...fine, ...facts })).toBe(status);
  });

  test("is never HEALTHY for a node that was not heard lately", () => {
    fc.assert(
      fc.property(
        fc.record({
          lastSeenAgeMs: fc.option(fc.nat(100_000)),
          isGone: fc.boolean(),
          hasDrifted: fc.boolean(),
          isRefusing: fc.boolean(),
          lagMs: fc.option(fc.nat(100_000)),
          hasAcked: fc.boolean(),
        }),
        (facts) => {
          if (nodeStatus(facts) !== "HEALTHY") return;
          expect(facts.lastSeenAgeMs ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(
            nodeThresholds.silentAfterMs,
          );
          expect(facts.isGone || facts.hasDrifted || facts.isRefusing || !facts.hasAcked).toBe(false);
        },
      ),
    );
  });
});

const row: RegisteredNode = {
  id: "node_1",
  name: "one",
  tokenDigest: null,
  createdAtMs: 0,
  lastSeenAtMs: null,
  softwareVersion: null,
  acked: null,
  lastNack: null,
  instanceId: null,
  rejectedAtMs: null,
};

function revision(number: number): Revision {
  return { epoch: 7, number };
}

function ack(number: number): AckReport {
  return {
    revision: revision(number),
    digestMatches: true,
    digest: Buffer.alloc(32),
    rejected: [],
    applyUs: 5,
  };
}

const session: NodeSession = {
  nodeId: "node_1",
  instanceId: "i",
  usageStored: () => {},
  softwareVersion: "1",
  peer: "127.0.0.1:1",
  close: () => {},
};

describe("a node over time", () => {
  test("lags by the revisions and the time since the first it has not acknowledged", () => {
    const times = new RevisionTimes(revision(10), 0);
    const node = new LiveNode(row);
    node.opened(session, { wallMs: 1_000, monotonicMs: 0 });
    node.acknowledged(ack(10), { wallMs: 1_000, monotonicMs: 0 });
    times.note(revision(11), 100);
    times.note(revision(12), 200);
    times.note(revision(12), 250);
    expect(node.view(times, { wallMs: 1_300, monotonicMs: 300 })).toMatchObject({
      lagRevisions: 2,
      lagMs: 200,
    });
    node.acknowledged(ack(11), { wallMs: 1_310, monotonicMs: 310 });
    expect(node.view(times, { wallMs: 1_400, monotonicMs: 400 })).toMatchObject({
      lagRevisions: 1,
      lagMs: 200,
    });
    node.acknowledged(ack(12), { wallMs: 1_410, monotonicMs: 410 });
    expect(node.view(times, { wallMs: 1_500, monotonicMs: 500 })).toMatchObject({
      lagRevisions: 0,
      lagMs: 0,
    });
  });

  test("keeps its age when the clock on the wall jumps", () => {
    const times = new RevisionTimes(revision(0), 0);
    const node = new LiveNode(row);
    node.opened(session, { wallMs: 1_000, monotonicMs: 0 });
    node.acknowledged(ack(0), { wallMs: 1_000, monotonicMs: 0 });
    const hourAhead = { wallMs: 1_000 + 3_600_000, monotonicMs: 1_000 };
    expect(node.view(times, hourAhead)).toMatchObject({ status: "HEALTHY", lastSeenAgeMs: 1_000 });
  });

  test("knows when each revision was confirmed, and says nothing of those before its time", () => {
    const node = new LiveNode({ ...row, acked: revision(5) });
    node.acknowledged(ack(5), { wallMs: 0, monotonicMs: 50 });
    node.acknowledged(ack(9), { wallMs: 0, monotonicMs: 90 });
    expect(node.ackedAtMs(revision(5))).toBeNull();
    expect(node.ackedAtMs(revision(6))).toBe(90);
    expect(node.ackedAtMs(revision(9))).toBe(90);
    expect(node.ackedAtMs(revision(10))).toBeNull();
    expect(node.hasAcked({ epoch: 8, number: 1 })).toBe(false);
    for (let i = 10; i < 2_000; i++) node.acknowledged(ack(i), { wallMs: 0, monotonicMs: i * 10 });
    expect(node.ackedAtMs(revision(1_999))).toBe(19_990);
    expect(node.ackedAtMs(revision(9))).toBeNull();
  });

  test("of an older stream that ends late is not taken for gone", () => {
    const times = new RevisionTimes(revision(0), 0);
    const node = new LiveNode(row);
    const newer = { ...session };
    node.opened(session, { wallMs: 0, monotonicMs: 0 });
    node.opened(newer, { wallMs: 0, monotonicMs: 0 });
    node.closed(session, "replaced");
    const view = node.view(times, { wallMs: 0, monotonicMs: 0 });
    expect(view).toMatchObject({ isConnected: true, replacedCount: 1 });
    expect(view.status).not.toBe("SILENT");
    node.closed(newer, "left");
    expect(node.view(times, { wallMs: 0, monotonicMs: 0 }).status).toBe("SILENT");
  });
});
