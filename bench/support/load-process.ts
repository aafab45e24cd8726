/** Load that wrk cannot give: a process of its own on the core of the load, whose last line is its summary. */
import { join } from "node:path";
import { type Child, LOAD_CORE, startChild } from "./child.js";
import type { WrkSummary } from "./wrk.js";

export type LoadScript = "connect" | "tokens" | "idle";

export interface LoadSummary extends Omit<WrkSummary, "bytes"> {
  /** Share of the handshakes that resumed a session. */
  readonly resumed?: number;
}

/** @returns the process, which may go on, and what it said */
export async function startLoad(
  script: LoadScript,
  options: Readonly<Record<string, unknown>>,
): Promise<{ readonly child: Child; readonly summary: LoadSummary }> {
  const file = join(import.meta.dirname, `../load/${script}.mjs`);
  const child = startChild(LOAD_CORE, process.execPath, [file, JSON.stringify(options)]);
  const line = await child.waitForLine((one) => one.startsWith("LOAD "));
  return { child, summary: JSON.parse(line.slice("LOAD ".length)) as LoadSummary };
}
