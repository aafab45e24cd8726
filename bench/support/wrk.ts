/** One run of wrk: a Lua script made from the workload, its summary read back as JSON. */
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { LOAD_CORE } from "./child.js";

export interface WrkSummary {
  readonly requests: number;
  readonly durationUs: number;
  readonly bytes: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly p999Us: number;
  /** Responses with a status of 400 or more. */
  readonly refused: number;
  /** Connect, read, write errors and time-outs. */
  readonly socketErrors: number;
}

export interface WrkOptions {
  readonly dir: string;
  readonly port: number;
  readonly connections: number;
  readonly seconds: number;
  readonly tls?: boolean;
  /** Lua that defines `request` (and `init`). */
  readonly script: string;
}

const SUMMARY = `
function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format('\\nWRK {"requests":%d,"durationUs":%d,"bytes":%d,"p50Us":%d,"p99Us":%d,"p999Us":%d,"refused":%d,"socketErrors":%d}\\n',
    summary.requests, summary.duration, summary.bytes, latency:percentile(50), latency:percentile(99), latency:percentile(99.9),
    e.status, e.connect + e.read + e.write + e.timeout))
end
`;

export async function runWrk(options: WrkOptions): Promise<WrkSummary> {
  const script = join(options.dir, "workload.lua");
  writeFileSync(script, options.script + SUMMARY);
  const args = [
    "-c",
    LOAD_CORE,
    "wrk",
    "-t",
    "1",
    "-c",
    String(options.connections),
    "-d",
    `${options.seconds}s`,
  ];
  args.push(
    "--timeout",
    "10s",
    "-s",
    script,
    `${options.tls === true ? "https" : "http"}://127.0.0.1:${options.port}/`,
  );
  const output = await new Promise<string>((resolve, reject) => {
    const child = spawn("taskset", args, { stdio: ["ignore", "pipe", "pipe"] });
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (part: string) => {
      text += part;
    });
    child.stderr.setEncoding("utf8").on("data", (part: string) => {
      text += part;
    });
    child.once("error", reject);
    child.once("close", () => resolve(text));
  });
  const line = output.split("\n").find((candidate) => candidate.startsWith("WRK "));
  if (line === undefined) throw new Error(`wrk gave no summary:\n${output}`);
  return JSON.parse(line.slice(4)) as WrkSummary;
}
