/** The way of a traced mutation's revision to the nodes, as spans below the mutation: from its commit to a node's acknowledgement. */
import type { Clock } from "@latchkey/core";
import type { SpanStart, TraceScope } from "@latchkey/observe";
import type { NodeModule } from "./nodes/node-module.js";
import type { SqlChangeLog } from "./snapshot/change-log.js";

/** Revisions that are followed; the oldest make room. */
const REVISIONS_MAX = 100;
/** What a node acknowledges later says nothing of the way of a change: it was not there. */
const FOLLOWED_MS = 60_000;
/** Of one revision. */
const NODES_MAX = 50;
const METHOD = "latchkey.snapshot.v1.SnapshotService/Subscribe";

interface FollowedRevision {
  readonly number: number;
  readonly mutation: SpanStart;
  readonly committedAtMs: number;
  readonly nodes: Set<string>;
}

export interface PublishSpansDeps {
  readonly traces: TraceScope;
  readonly changeLog: Pick<SqlChangeLog, "onCommit">;
  readonly nodes: Pick<NodeModule, "registry">;
  readonly clock: Clock;
}

/** @returns stops following */
export function followPublications({ traces, changeLog, nodes, clock }: PublishSpansDeps): () => void {
  const followed: FollowedRevision[] = [];
  const stopCommits = changeLog.onCommit(({ revision: { number } }) => {
    const mutation = traces.current?.start;
    if (mutation === undefined) return;
    followed.push({ number, mutation, committedAtMs: clock.monotonicMs(), nodes: new Set() });
    if (followed.length > REVISIONS_MAX) followed.shift();
  });
  const stopNodes = nodes.registry.onEvent((event) => {
    if (event.kind !== "acked") return;
    const { id } = event.node.node;
    const acked = event.node.acked?.number ?? -1;
    const nowMs = clock.monotonicMs();
    for (const { number, mutation, committedAtMs, nodes: reached } of followed) {
      const isOld = nowMs - committedAtMs > FOLLOWED_MS;
      if (number > acked || isOld || reached.has(id) || reached.size === NODES_MAX) continue;
      reached.add(id);
      traces.record(mutation, {
        name: METHOD,
        kind: "client",
        startedAtMs: committedAtMs,
        attributes: {
          "rpc.system.name": "grpc",
          "rpc.method": METHOD,
          "latchkey.node.id": id,
          "latchkey.revision": number,
        },
        isError: false,
      });
    }
  });
  return () => {
    stopCommits();
    stopNodes();
  };
}
