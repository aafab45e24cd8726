/** The upstream of all contenders as a process of its own, on the core of the load. */
import { join } from "node:path";
import { freePort } from "@latchkey/testkit";
import { type Child, LOAD_CORE, startChild } from "./child.js";

export async function startUpstream(): Promise<{ readonly port: number; readonly child: Child }> {
  const port = await freePort();
  const main = join(import.meta.dirname, "../upstream.ts");
  const child = startChild(LOAD_CORE, process.execPath, ["--import", "tsx", main, String(port)]);
  await child.waitForLine((line) => line === "upstream listens");
  return { port, child };
}
