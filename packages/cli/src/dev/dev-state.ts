/**
 * What `latchkey dev` keeps between starts, in one private file of the data folder: tokens, encryption key, ports, seeds.
 * Only a process that has the data folder's lock saves a state; before, the file is only made.
 */
import { randomBytes } from "node:crypto";
import { copyFileSync, existsSync, linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makePrivateFolder } from "@latchkey/observe/private-files";

export interface SeededApi {
  readonly apiId: string;
  readonly keyId: string;
  readonly title: string;
  readonly method: string;
  readonly path: string;
}

export interface DevState {
  readonly adminToken: string;
  /** 32 bytes in base64: encrypts the secrets of recoverable APIs. */
  readonly sealingKey: string;
  readonly nodeToken: string | null;
  readonly upstreamPort: number | null;
  /** Ports of the sample upstream that integrations may still have: a start that moves them may be interrupted. */
  readonly formerUpstreamPorts: readonly number[];
  readonly subscriptionId: string | null;
  readonly integrationIds: Readonly<Record<string, string>>;
  readonly apis: readonly SeededApi[] | null;
}

const FILE = "dev.json";
const OWNER_ONLY = 0o600;

/** @throws Error that says what is wrong with the folder or the file, and what to do */
export function loadDevState(dataDir: string): DevState {
  const known = readDevState(dataDir);
  if (known !== null) return known;
  try {
    return makeDevState(dataDir);
  } catch (cause) {
    throw new Error(
      `the data folder ${dataDir} cannot be used: ${(cause as Error).message}; choose another one with --data-dir <folder>`,
      { cause },
    );
  }
}

function makeDevState(dataDir: string): DevState {
  makePrivateFolder(dataDir);
  const made: DevState = {
    adminToken: randomBytes(24).toString("base64url"),
    sealingKey: randomBytes(32).toString("base64"),
    nodeToken: null,
    upstreamPort: null,
    formerUpstreamPorts: [],
    subscriptionId: null,
    integrationIds: {},
    apis: null,
  };
  // Two first starts at once: one file is the first, and both have its secrets.
  const draft = writeDraft(dataDir, made);
  try {
    linkSync(draft, join(dataDir, FILE));
  } catch (error) {
    // A file system without hard links has no other way.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") copyFileSync(draft, join(dataDir, FILE));
  } finally {
    rmSync(draft);
  }
  return readDevState(dataDir) ?? made;
}

function readDevState(dataDir: string): DevState | null {
  const file = join(dataDir, FILE);
  if (!existsSync(file)) return null;
  try {
    const stored = JSON.parse(readFileSync(file, "utf8")) as DevState;
    return { ...stored, formerUpstreamPorts: stored.formerUpstreamPorts ?? [] };
  } catch (cause) {
    throw new Error(
      `${file} cannot be read: restore it from a backup, as it holds the key that encrypts secrets; or choose another folder with --data-dir <folder>`,
      { cause },
    );
  }
}

/** Written whole and renamed, so that a kill leaves the old file or the new one. */
export function saveDevState(dataDir: string, state: DevState): void {
  renameSync(writeDraft(dataDir, state), join(dataDir, FILE));
}

function writeDraft(dataDir: string, state: DevState): string {
  const draft = join(dataDir, `${FILE}.${process.pid}.new`);
  writeFileSync(draft, `${JSON.stringify(state, null, 2)}\n`, { mode: OWNER_ONLY });
  return draft;
}
