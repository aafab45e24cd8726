/**
 * A `latchkey dev` with ten thousand APIs. Making each through GraphQL would take minutes, so the rows of a sample
 * API are copied in the database file while no process has it open; the columns are read, not known.
 */
import { createRequire } from "node:module";
import { join } from "node:path";
import { Dev, root } from "./dev.js";

export const manyApisCount = 10_002;
const COPIES = manyApisCount - 2;

type Row = Readonly<Record<string, string | number | Buffer | null>>;

interface Database {
  prepare(sql: string): {
    get(...values: unknown[]): Row | undefined;
    all(...values: unknown[]): Row[];
    run(row: Row): unknown;
  };
  transaction<T>(work: () => T): () => T;
  close(): void;
}

export async function manyApis(): Promise<Dev> {
  const first = await Dev.start();
  await first.stop();
  copy(join(first.dataDir, "latchkey.db"), first.sample(0).apiId);
  return await Dev.start(first.dataDir);
}

function copy(file: string, apiId: string): void {
  const open = createRequire(join(root, "packages/control-plane/package.json"))("better-sqlite3") as new (
    file: string,
  ) => Database;
  const db = new open(file);
  try {
    const api = db.prepare("select * from api where id = ?").get(apiId);
    if (api === undefined) throw new Error(`there is no API ${apiId}`);
    const routes = db.prepare("select * from route where api_id = ?").all(apiId);
    const insert = (table: string, row: Row) =>
      db.prepare(
        `insert into ${table} (${Object.keys(row).join(", ")}) values (${Object.keys(row)
          .map((name) => `@${name}`)
          .join(", ")})`,
      );
    const insertApi = insert("api", api);
    const insertRoute = insert("route", routes[0] ?? {});
    db.transaction(() => {
      for (let n = 0; n < COPIES; n++) {
        const number = String(n).padStart(5, "0");
        const title = `Copy ${number}`;
        const id = `api_${n.toString(16).padStart(24, "0")}`;
        const paths = routes.map((route) => String(route.pattern)).join("\n");
        insertApi.run({
          ...api,
          id,
          title,
          title_key: title.toLowerCase(),
          search_text: `${title}\n\n${paths}`.toLowerCase(),
        });
        for (const [k, route] of routes.entries())
          insertRoute.run({
            ...route,
            id: `rte_${n.toString(16).padStart(20, "0")}${k.toString(16).padStart(4, "0")}`,
            api_id: id,
          });
      }
    })();
  } finally {
    db.close();
  }
}
