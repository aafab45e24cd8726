/** Nodes in the database. Gives domain values, never rows; checks nothing. */
import { isRevision, type Revision } from "@latchkey/snapshot";
import type { Selectable } from "kysely";
import type { Db, NodeTable } from "../db/schema.js";
import type { RegisteredNode } from "./node.js";
import { Rejections } from "./rejections.js";

/** What is written about a node while it runs. */
export interface NodeSighting {
  readonly id: string;
  readonly lastSeenAtMs: number;
  readonly softwareVersion: string | null;
  readonly acked: RegisteredNode["acked"];
  readonly lastNack: RegisteredNode["lastNack"];
  readonly instanceId: string | null;
  /** Null: not changed since it was written. */
  readonly rejections: Rejections | null;
}

/** All of a node but what it cannot use, which may be long. */
const nodeColumns = [
  "id",
  "name",
  "token_digest",
  "created_at_ms",
  "last_seen_at_ms",
  "software_version",
  "acked_epoch",
  "acked_number",
  "last_nack_at_ms",
  "last_nack_reason",
  "instance_id",
  "rejected_at_ms",
] as const satisfies (keyof NodeTable)[];

type NodeRow = Pick<Selectable<NodeTable>, (typeof nodeColumns)[number]>;

export async function findAllNodes(db: Db): Promise<RegisteredNode[]> {
  const rows = await db.selectFrom("node").select(nodeColumns).orderBy("name").execute();
  return rows.map(toNode);
}

export async function findNode(db: Db, id: string): Promise<RegisteredNode | null> {
  const row = await db.selectFrom("node").select(nodeColumns).where("id", "=", id).executeTakeFirst();
  return row === undefined ? null : toNode(row);
}

export async function findNodeByName(db: Db, name: string): Promise<RegisteredNode | null> {
  const row = await db.selectFrom("node").select(nodeColumns).where("name", "=", name).executeTakeFirst();
  return row === undefined ? null : toNode(row);
}

/** What a node cannot use; null when the node is gone. */
export async function findRejections(db: Db, id: string): Promise<Rejections | null> {
  const row = await db
    .selectFrom("node")
    .select(["rejected", "rejected_at_ms"])
    .where("id", "=", id)
    .executeTakeFirst();
  return row === undefined ? null : Rejections.fromText(row.rejected, row.rejected_at_ms);
}

export async function countNodes(db: Db): Promise<number> {
  const row = await db
    .selectFrom("node")
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

export async function insertNode(db: Db, node: RegisteredNode): Promise<void> {
  await db
    .insertInto("node")
    .values({
      id: node.id,
      name: node.name,
      token_digest: node.tokenDigest,
      created_at_ms: node.createdAtMs,
      last_seen_at_ms: node.lastSeenAtMs,
      software_version: node.softwareVersion,
      acked_epoch: node.acked?.epoch ?? null,
      acked_number: node.acked?.number ?? null,
      last_nack_at_ms: node.lastNack?.atMs ?? null,
      last_nack_reason: node.lastNack?.reason ?? null,
      instance_id: node.instanceId,
      rejected: null,
      rejected_at_ms: node.rejectedAtMs,
    })
    .execute();
}

export async function updateNodeToken(db: Db, id: string, tokenDigest: Buffer): Promise<void> {
  await db.updateTable("node").set({ token_digest: tokenDigest }).where("id", "=", id).execute();
}

export async function deleteNode(db: Db, id: string): Promise<void> {
  await db.deleteFrom("node").where("id", "=", id).execute();
}

/** A node that is gone in the meantime stays gone. */
export async function saveSighting(db: Db, sighting: NodeSighting): Promise<void> {
  await db
    .updateTable("node")
    .set({
      last_seen_at_ms: sighting.lastSeenAtMs,
      software_version: sighting.softwareVersion,
      acked_epoch: sighting.acked?.epoch ?? null,
      acked_number: sighting.acked?.number ?? null,
      last_nack_at_ms: sighting.lastNack?.atMs ?? null,
      last_nack_reason: sighting.lastNack?.reason ?? null,
      instance_id: sighting.instanceId,
      ...(sighting.rejections !== null && {
        rejected: sighting.rejections.toText(),
        rejected_at_ms: sighting.rejections.changedAtMs,
      }),
    })
    .where("id", "=", sighting.id)
    .execute();
}

function toNode(row: NodeRow): RegisteredNode {
  return {
    id: row.id,
    name: row.name,
    tokenDigest: row.token_digest,
    createdAtMs: row.created_at_ms,
    lastSeenAtMs: row.last_seen_at_ms,
    softwareVersion: row.software_version,
    acked: toAcked(row),
    lastNack:
      row.last_nack_at_ms === null || row.last_nack_reason === null
        ? null
        : { atMs: row.last_nack_at_ms, reason: row.last_nack_reason },
    instanceId: row.instance_id,
    rejectedAtMs: row.rejected_at_ms,
  };
}

/** Numbers that no revision has may come from an older release, which stored what a node claimed. */
function toAcked({ acked_epoch: epoch, acked_number: number }: NodeRow): Revision | null {
  if (epoch === null || number === null) return null;
  return isRevision({ epoch, number }) ? { epoch, number } : null;
}
