/** A PostgreSQL server of its own in a temporary folder, on a Unix socket. */
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";

const ROOT = "/usr/lib/postgresql";

/** The folder of initdb and pg_ctl, or null when PostgreSQL is not installed where Debian puts it. */
function programs(): string | null {
  if (!existsSync(ROOT)) return null;
  const newest = readdirSync(ROOT).sort((a, b) => Number(b) - Number(a))[0];
  const bin = newest === undefined ? null : join(ROOT, newest, "bin");
  return bin !== null && existsSync(join(bin, "initdb")) ? bin : null;
}

export function hasPostgres(): boolean {
  return programs() !== null;
}

export class TestPostgres implements Disposable {
  readonly #bin: string;
  readonly #dir: string;

  constructor() {
    const bin = programs();
    if (bin === null) throw new Error("PostgreSQL is not installed");
    this.#bin = bin;
    this.#dir = mkdtempSync(join(tmpdir(), "latchkey-pg-"));
    // The server refuses to run as root.
    if (process.getuid?.() === 0) execFileSync("chown", ["postgres:postgres", this.#dir]);
    chmodSync(this.#dir, 0o700);
    this.#run("initdb", "-D", join(this.#dir, "data"), "-U", "latchkey", "--auth=trust", "-E", "UTF8");
    this.#control("start");
  }

  /** Folder of its socket; belongs to the user that it runs as. */
  get dir(): string {
    return this.#dir;
  }

  get url(): string {
    return `postgres://latchkey@localhost/postgres?host=${encodeURIComponent(this.#dir)}`;
  }

  /** A session of its own, e.g. to hold locks. */
  async connect(): Promise<pg.Client & AsyncDisposable> {
    const client = new pg.Client({ connectionString: this.url });
    await client.connect();
    // The server may end it.
    client.on("error", () => {});
    return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() });
  }

  /** Like an operator: pg_dump to a file of the server's folder. */
  dump(): void {
    this.#run("pg_dump", "-h", this.#dir, "-U", "latchkey", "-Fc", "-f", join(this.#dir, "dump"), "postgres");
  }

  /** The dumped state in place of the present one */
  restore(): void {
    const file = join(this.#dir, "dump");
    const options = ["--clean", "--if-exists", "--single-transaction"];
    this.#run("pg_restore", "-h", this.#dir, "-U", "latchkey", ...options, "-d", "postgres", file);
  }

  stop(): void {
    this.#control("stop", "-m", "immediate");
  }

  start(): void {
    this.#control("start");
  }

  [Symbol.dispose](): void {
    try {
      this.stop();
    } finally {
      rmSync(this.#dir, { recursive: true, force: true });
    }
  }

  #control(verb: string, ...more: readonly string[]): void {
    const server = `-k ${this.#dir} -c listen_addresses='' -c fsync=off`;
    this.#run(
      "pg_ctl",
      "-D",
      join(this.#dir, "data"),
      "-w",
      "-l",
      join(this.#dir, "log"),
      "-o",
      server,
      verb,
      ...more,
    );
  }

  #run(program: string, ...args: readonly string[]): void {
    const command = join(this.#bin, program);
    const options = { stdio: "ignore", cwd: tmpdir() } as const;
    if (process.getuid?.() === 0)
      execFileSync(
        "setpriv",
        ["--reuid=postgres", "--regid=postgres", "--clear-groups", command, ...args],
        options,
      );
    else execFileSync(command, args, options);
  }
}
