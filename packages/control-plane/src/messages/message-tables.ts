/**
 * The tables of the message trail. With SQLite they are in a file of their own, so that writing them makes no mutation wait and no
 * backup larger; with PostgreSQL they are beside the others. Either way they have migrations of their own.
 */
import { type Generated, type Kysely, type Migration, Migrator, sql } from "kysely";

export interface MessageTable {
  /** Grows; the order in which requests were reported. */
  id: Generated<number>;
  interchange_id: string;
  at_ms: number;
  node_id: string;
  node_name: string;
  epoch: number;
  number: number;
  /** Ids are empty where they are not known. */
  api_id: string;
  key_id: string;
  route_id: string;
  integration_id: string;
  method: string;
  path: string;
  status: number;
  error_code: string;
  /** 1: a 4xx or 5xx response, or one that broke off. */
  failed: 0 | 1;
  duration_us: number;
  request_bytes: number;
  response_bytes: number;
  /** JSON. */
  attempts: string;
  /** Encrypted; null: there is none. */
  content: Buffer | null;
}

/** Requests of all nodes by minute, and how many of them are in `message`. */
export interface MessageMinuteTable {
  at_ms: number;
  requests: number;
  kept: number;
}

export interface MessageDatabase {
  message: MessageTable;
  message_minute: MessageMinuteTable;
}

export type MessageDb = Kysely<MessageDatabase>;

export type MessageDialect = "sqlite" | "postgres";

/** Brings the tables to the newest schema. */
export async function migrateMessages(db: MessageDb, dialect: MessageDialect): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: {
      getMigrations: async () => ({
        "0001-messages": messages(dialect),
        "0002-content": content(dialect),
      }),
    },
    migrationTableName: "message_migration",
    migrationLockTableName: "message_migration_lock",
  });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
}

function content(dialect: MessageDialect): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .alterTable("message")
        .addColumn("content", dialect === "sqlite" ? "blob" : "bytea")
        .execute();
    },
  };
}

function messages(dialect: MessageDialect): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable("message")
        .addColumn("id", dialect === "sqlite" ? "integer" : "bigserial", (c) =>
          dialect === "sqlite" ? c.primaryKey().autoIncrement() : c.primaryKey(),
        )
        .addColumn("interchange_id", "text", (c) => c.notNull())
        .addColumn("at_ms", "bigint", (c) => c.notNull())
        .addColumn("node_id", "text", (c) => c.notNull())
        .addColumn("node_name", "text", (c) => c.notNull())
        .addColumn("epoch", "bigint", (c) => c.notNull())
        .addColumn("number", "bigint", (c) => c.notNull())
        .addColumn("api_id", "text", (c) => c.notNull())
        .addColumn("key_id", "text", (c) => c.notNull())
        .addColumn("route_id", "text", (c) => c.notNull())
        .addColumn("integration_id", "text", (c) => c.notNull())
        .addColumn("method", "text", (c) => c.notNull())
        .addColumn("path", "text", (c) => c.notNull())
        .addColumn("status", "integer", (c) => c.notNull())
        .addColumn("error_code", "text", (c) => c.notNull())
        .addColumn("failed", "integer", (c) => c.notNull())
        .addColumn("duration_us", "bigint", (c) => c.notNull())
        .addColumn("request_bytes", "bigint", (c) => c.notNull())
        .addColumn("response_bytes", "bigint", (c) => c.notNull())
        .addColumn("attempts", "text", (c) => c.notNull())
        .execute();
      const index = (name: string, ...columns: readonly string[]) =>
        db.schema
          .createIndex(`message_by_${name}`)
          .on("message")
          .columns([...columns]);
      await index("interchange", "interchange_id", "at_ms", "id").execute();
      // With status and failure, so that charts are counted from the index alone.
      for (const [name, ...columns] of [
        ["at"],
        ["api", "api_id"],
        ["key", "key_id"],
        ["route", "route_id"],
      ] as const)
        await index(name, ...columns, "at_ms", "id", "status", "failed").execute();
      for (const [name, ...columns] of [
        ["failure"],
        ["api_failure", "api_id"],
        ["error", "error_code"],
      ] as const)
        await index(name, ...columns, "at_ms", "id", "status")
          .where(sql.ref("failed"), "=", sql.lit(1))
          .execute();
      await db.schema
        .createTable("message_minute")
        .addColumn("at_ms", "bigint", (c) => c.primaryKey())
        .addColumn("requests", "bigint", (c) => c.notNull())
        .addColumn("kept", "bigint", (c) => c.notNull())
        .execute();
    },
  };
}
