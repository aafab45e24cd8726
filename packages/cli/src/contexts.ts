/**
 * The control planes that `latchkey login` knows, by name, in one file that only its owner can read. Options and environment
 * variables come before it.
 */
import { chmodSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { makePrivateFolder } from "@latchkey/observe/private-files";

export interface Context {
  /** GraphQL endpoint. */
  readonly url: string;
  readonly token: string;
}

export interface Contexts {
  /** The one that commands use; null when there is none. */
  readonly current: string | null;
  readonly contexts: Readonly<Record<string, Context>>;
}

const OWNER_ONLY = 0o600;
const NONE: Contexts = { current: null, contexts: {} };

/** `LATCHKEY_CLI_CONFIG`, or `latchkey/cli.json` in the user's folder of configuration. */
export function contextsFile(env: NodeJS.ProcessEnv = process.env): string {
  if (env.LATCHKEY_CLI_CONFIG) return env.LATCHKEY_CLI_CONFIG;
  const folder = env.XDG_CONFIG_HOME || env.APPDATA || join(homedir(), ".config");
  return join(folder, "latchkey", "cli.json");
}

export function loadContexts(file: string = contextsFile()): Contexts {
  if (!existsSync(file)) return NONE;
  try {
    const { current, contexts } = JSON.parse(readFileSync(file, "utf8")) as Partial<Contexts>;
    return { current: current ?? null, contexts: contexts ?? {} };
  } catch (error) {
    throw new Error(`${file} is no file of contexts: delete it and run \`latchkey login\` again`, {
      cause: error,
    });
  }
}

/** @throws Error that names the file, and the variable that names another one, where it cannot be written */
export function saveContexts(contexts: Contexts, file: string = contextsFile()): void {
  try {
    writeContexts(contexts, file);
  } catch (cause) {
    throw new Error(
      `${file} cannot be written: ${(cause as Error).message}; LATCHKEY_CLI_CONFIG names another file`,
      { cause },
    );
  }
}

/** Written whole and renamed, so that an interrupted command leaves the old file or the new one. */
function writeContexts(contexts: Contexts, file: string): void {
  makePrivateFolder(dirname(file));
  const draft = `${file}.${process.pid}.new`;
  try {
    writeFileSync(draft, `${JSON.stringify(contexts, null, 2)}\n`, { mode: OWNER_ONLY });
    chmodSync(draft, OWNER_ONLY); // an old draft keeps its mode
    renameSync(draft, file);
  } finally {
    rmSync(draft, { force: true });
  }
}
