/** A PgBouncer in transaction mode in front of a test's PostgreSQL, on a free port. */
import { execFileSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { eventually, freePort, startProcess, type TestProcess } from "@latchkey/testkit";
import type { TestPostgres } from "@latchkey/testkit/postgres";

const COMMAND = "/usr/sbin/pgbouncer";

export function hasPgBouncer(): boolean {
  return existsSync(COMMAND);
}

export class PgBouncer implements AsyncDisposable {
  readonly url: string;
  readonly #process: TestProcess;

  private constructor(port: number, process: TestProcess) {
    this.url = `postgres://latchkey@127.0.0.1:${port}/postgres`;
    this.#process = process;
  }

  static async start({ dir }: TestPostgres): Promise<PgBouncer> {
    const port = await freePort();
    const file = join(dir, "pgbouncer.ini");
    // Few server connections for many clients, so that they really change hands.
    writeFileSync(
      file,
      `[databases]
postgres = host=${dir} dbname=postgres user=latchkey pool_size=3
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
`,
    );
    if (process.getuid?.() === 0) execFileSync("chown", ["postgres:postgres", file]);
    // Like the server, it refuses to run as root.
    const as = ["--reuid=postgres", "--regid=postgres", "--clear-groups", COMMAND, file];
    const started =
      process.getuid?.() === 0
        ? startProcess({ command: "setpriv", args: as })
        : startProcess({ command: COMMAND, args: [file] });
    await eventually(
      async () => (started.output.includes("process up") ? true : undefined),
      "PgBouncer is up",
    );
    return new PgBouncer(port, started);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }
}
