/** Usage in the database: sums, gaps, cursors. Decides nothing. */
import type { ExpressionBuilder } from "kysely";
import { safe, safeSum } from "../db/safe-sum.js";
import type { Database, LatencyColumn, Trx, UsageRollupTable } from "../db/schema.js";
import type { UsageCursor } from "../nodes/node-registry-options.js";
import { latencyColumns, levelShapes } from "./usage-levels.js";
import type { UsageSum } from "./usage-sums.js";

/** A time for which counts of a node are missing: it reported nothing, or that it had lost some. */
export interface UsageGap {
  readonly nodeId: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** Requests that are not counted; null: nobody knows how many. */
  readonly lost: number | null;
}

export interface PlacedSum {
  readonly sum: UsageSum;
  readonly seriesId: number;
}

/** Of one statement: few enough for any bound on its parameters. */
const ROWS_AT_ONCE = 32;
const LOSSES_JOINED_MS = 60_000;

const summedColumns = [
  "requests",
  "request_bytes",
  "response_bytes",
  "previous_secret",
  ...latencyColumns,
] as const;

/** Adds to the rows that are there, and makes those that are not. */
export async function saveSums(trx: Trx, placed: readonly PlacedSum[]): Promise<void> {
  const rows = [...rowsOf(placed).values()];
  for (let from = 0; from < rows.length; from += ROWS_AT_ONCE)
    await trx
      .insertInto("usage_rollup")
      .values(rows.slice(from, from + ROWS_AT_ONCE))
      .onConflict((conflict) =>
        conflict.columns(["level", "series_id", "start_ms"]).doUpdateSet((eb) => additions(eb)),
      )
      .execute();
}

export async function saveGap(trx: Trx, gap: UsageGap): Promise<void> {
  const lost = gap.lost === null ? null : safe(gap.lost);
  await trx
    .insertInto("usage_gap")
    .values({ node_id: gap.nodeId, from_ms: gap.fromMs, to_ms: gap.toMs, lost })
    .onConflict((conflict) => conflict.columns(["node_id", "from_ms"]).doUpdateSet({ to_ms: gap.toMs, lost }))
    .execute();
}

/** Continues the node's last loss when that was just before, so that a node that loses each second has one row. */
export async function saveLoss(trx: Trx, loss: UsageGap & { readonly lost: number }): Promise<void> {
  const last = await trx
    .selectFrom("usage_gap")
    .selectAll()
    .where("node_id", "=", loss.nodeId)
    .where("from_ms", "<=", loss.fromMs)
    .orderBy("from_ms", "desc")
    .limit(1)
    .executeTakeFirst();
  const isJoined = last !== undefined && loss.fromMs - last.to_ms < LOSSES_JOINED_MS;
  if (!isJoined || last.lost === null) return saveGap(trx, loss);
  const toMs = Math.max(last.to_ms, loss.toMs);
  await saveGap(trx, { ...loss, fromMs: last.from_ms, toMs, lost: last.lost + loss.lost });
}

/** 0: nothing of this process is stored. */
export async function readCursor(trx: Trx, nodeId: string, instanceId: string): Promise<number> {
  const row = await trx
    .selectFrom("usage_cursor")
    .select("sequence")
    .where("node_id", "=", nodeId)
    .where("instance_id", "=", instanceId)
    .executeTakeFirst();
  return row?.sequence ?? 0;
}

export async function saveCursor(trx: Trx, cursor: UsageCursor, atMs: number): Promise<void> {
  const { nodeId, instanceId, sequence } = cursor;
  await trx
    .insertInto("usage_cursor")
    .values({ node_id: nodeId, instance_id: instanceId, sequence, at_ms: atMs })
    .onConflict((conflict) =>
      conflict.columns(["node_id", "instance_id"]).doUpdateSet({ sequence, at_ms: atMs }),
    )
    .execute();
}

/** One row for each key: what is beyond a bound comes together in one. */
function rowsOf(placed: readonly PlacedSum[]): ReadonlyMap<string, UsageRollupTable> {
  const rows = new Map<string, UsageRollupTable>();
  for (const { sum, seriesId } of placed) {
    const key = `${sum.level} ${seriesId} ${sum.startMs}`;
    const row = toRow(sum, seriesId);
    const there = rows.get(key);
    if (there !== undefined)
      for (const column of summedColumns) row[column] = safe(row[column] + there[column]);
    rows.set(key, row);
  }
  return rows;
}

function toRow(sum: UsageSum, seriesId: number): UsageRollupTable {
  const latencies = latencyColumns.map((column, bucket) => [column, safe(sum.latency[bucket] ?? 0)]);
  return {
    level: levelShapes[sum.level].level,
    series_id: seriesId,
    start_ms: sum.startMs,
    requests: safe(sum.requests),
    request_bytes: safe(sum.requestBytes),
    response_bytes: safe(sum.responseBytes),
    previous_secret: safe(sum.previousSecret),
    ...(Object.fromEntries(latencies) as Record<LatencyColumn, number>),
  };
}

function additions(
  eb: ExpressionBuilder<Database & { readonly excluded: UsageRollupTable }, "usage_rollup" | "excluded">,
) {
  return Object.fromEntries(
    summedColumns.map((column) => {
      return [column, safeSum(eb.ref(`usage_rollup.${column}`), eb.ref(`excluded.${column}`))];
    }),
  );
}
