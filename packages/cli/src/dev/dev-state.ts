/** What `latchkey dev` keeps between starts, in one private file of the data folder: tokens, sealing key, ports, seeds. */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface SeededApi {
  readonly apiId: string;
  readonly keyId: string;
  readonly title: string;
  readonly method: string;
  readonly path: string;
}

export interface DevState {
  readonly adminToken: string;
  /** 32 bytes in base64: seals the secrets of recoverable APIs. */
  readonly sealingKey: string;
  readonly nodeToken: string | null;
  readonly upstreamPort: number | null;
  readonly subscriptionId: string | null;
  readonly integrationIds: Readonly<Record<string, string>>;
  readonly apis: readonly SeededApi[] | null;
}

const FILE = "dev.json";
const OWNER_ONLY = 0o600;

export function loadDevState(dataDir: string): DevState {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const file = join(dataDir, FILE);
  if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8")) as DevState;
  return {
    adminToken: randomBytes(24).toString("base64url"),
    sealingKey: randomBytes(32).toString("base64"),
    nodeToken: null,
    upstreamPort: null,
    subscriptionId: null,
    integrationIds: {},
    apis: null,
  };
}

/** Written whole and renamed, so that a kill leaves the old file or the new one. */
export function saveDevState(dataDir: string, state: DevState): void {
  const file = join(dataDir, FILE);
  writeFileSync(`${file}.new`, `${JSON.stringify(state, null, 2)}\n`, { mode: OWNER_ONLY });
  renameSync(`${file}.new`, file);
}
