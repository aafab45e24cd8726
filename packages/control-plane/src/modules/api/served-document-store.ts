/** Served documents in the database: which are to be written, and what was written. Writes and compresses nothing itself. */
import type { Db, ServedDocumentTable } from "../../db/schema.js";
import type { ServedDocument, ServedFault } from "./served-document.js";

/** Ids in one statement. */
const IDS_MAX = 500;

/** Puts the documents on the list of those to write, those that are new among them. */
export async function markStale(db: Db, apiIds: readonly string[], nowMs: number): Promise<void> {
  for (let i = 0; i < apiIds.length; i += IDS_MAX) {
    const ids = apiIds.slice(i, i + IDS_MAX);
    await db
      .insertInto("served_document")
      .values(
        ids.map((id) => ({
          api_id: id,
          stale_since_ms: nowMs,
          state: null,
          writer: null,
          fault: null,
          size_bytes: null,
          content: null,
        })),
      )
      // One that waits keeps its place.
      .onConflict((conflict) =>
        conflict
          .column("api_id")
          .doUpdateSet({ stale_since_ms: nowMs })
          .where("served_document.stale_since_ms", "is", null),
      )
      .execute();
  }
}

/** Those that another release, or other settings, wrote; those that took too long get another try. */
export async function markWrittenOtherwise(db: Db, writer: string, nowMs: number): Promise<void> {
  await db
    .updateTable("served_document")
    .set({ stale_since_ms: nowMs })
    .where("stale_since_ms", "is", null)
    .where((eb) =>
      eb.or([eb("writer", "is", null), eb("writer", "!=", writer), eb("fault", "=", "too_slow")]),
    )
    .execute();
}

export async function deleteServed(db: Db, apiId: string): Promise<void> {
  await db.deleteFrom("served_document").where("api_id", "=", apiId).execute();
}

/** The API whose document waits longest to be written. */
export async function findStalest(db: Db): Promise<{ readonly apiId: string } | null> {
  const row = await db
    .selectFrom("served_document")
    .select("api_id")
    .where("stale_since_ms", "is not", null)
    .orderBy("stale_since_ms")
    .orderBy("api_id")
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? null : { apiId: row.api_id };
}

/** Null: the API serves no document (any more). */
export async function findWritten(
  db: Db,
  apiId: string,
): Promise<Pick<ServedDocumentTable, "state" | "writer" | "fault"> | null> {
  const row = await db
    .selectFrom("served_document")
    .select(["state", "writer", "fault"])
    .where("api_id", "=", apiId)
    .executeTakeFirst();
  return row ?? null;
}

export interface WrittenDocument {
  readonly state: string;
  readonly writer: string;
  readonly fault: ServedFault | null;
  readonly sizeBytes: number | null;
  /** Compressed. */
  readonly content: Buffer | null;
}

export async function saveWritten(db: Db, apiId: string, written: WrittenDocument): Promise<void> {
  const { sizeBytes, ...rest } = written;
  await db
    .updateTable("served_document")
    .set({ ...rest, size_bytes: sizeBytes, stale_since_ms: null })
    .where("api_id", "=", apiId)
    .execute();
}

/** @param staleSinceMs null: the document is as it should be */
export async function setStale(db: Db, apiId: string, staleSinceMs: number | null): Promise<void> {
  await db
    .updateTable("served_document")
    .set({ stale_since_ms: staleSinceMs })
    .where("api_id", "=", apiId)
    .execute();
}

/** Compressed contents by API id. */
export async function findContents(db: Db, apiIds: readonly string[]): Promise<ReadonlyMap<string, Buffer>> {
  const contents = new Map<string, Buffer>();
  for (let i = 0; i < apiIds.length; i += IDS_MAX) {
    const rows = await db
      .selectFrom("served_document")
      .select(["api_id", "content"])
      .where("api_id", "in", apiIds.slice(i, i + IDS_MAX))
      .execute();
    for (const { api_id, content } of rows) if (content !== null) contents.set(api_id, content);
  }
  return contents;
}

export async function findServed(
  db: Db,
  apiIds: readonly string[],
): Promise<ReadonlyMap<string, ServedDocument>> {
  const rows = await db
    .selectFrom("served_document")
    .select(["api_id", "stale_since_ms", "fault", "size_bytes"])
    .where("api_id", "in", [...apiIds])
    .execute();
  return new Map(
    rows.map(({ api_id, stale_since_ms, fault, size_bytes }) => [
      api_id,
      {
        apiId: api_id,
        isStale: stale_since_ms !== null,
        fault,
        sizeBytes: size_bytes === null ? null : Number(size_bytes),
      },
    ]),
  );
}
