/** Queries of a traced operation as spans below it. Has no text and no parameter of a query: its verb and its table alone. */
import type { TraceScope } from "@latchkey/observe";
import type { QueryLog } from "./query-metrics.js";

export type DatabaseSystem = "sqlite" | "postgresql";

const TABLE = /\b(?:from|into|update)\s+"(\w+)"/i;

export function querySpans(traces: TraceScope, system: DatabaseSystem): QueryLog {
  return ({ level, query, queryDurationMillis }) => {
    const { current } = traces;
    if (current === null) return;
    const verb = /^\s*(\w+)/.exec(query.sql)?.[1]?.toUpperCase() ?? "QUERY";
    const table = TABLE.exec(query.sql)?.[1];
    const name = table === undefined ? verb : `${verb} ${table}`;
    traces.record(current.start, {
      name,
      kind: "client",
      startedAtMs: performance.now() - queryDurationMillis,
      attributes: {
        "db.system.name": system,
        "db.operation.name": verb,
        "db.query.summary": name,
        ...(table !== undefined && { "db.collection.name": table }),
      },
      isError: level === "error",
    });
  };
}
