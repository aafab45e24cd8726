/** What the suite's figures are made of. */
import { readFileSync } from "node:fs";
import { expect } from "vitest";
import type { Traffic } from "./traffic.js";

/** Resident memory of a process in MiB, as the kernel counts it. */
export function rssMib(pid: number): number {
  const text = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) / 1024;
}

/** 0 of no values. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0;
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** Requests of a slice: its p99 is its slowest request. */
const SLICE_REQUESTS = 100;
/** Below this the scheduler of a busy machine decides. One stall that this suite is about takes ten times as long. */
const COMPARABLE_MS = 100;

/** The p99 of what is sent while `load` runs, and of at least `SLICE_REQUESTS` requests. */
export async function p99Beside(traffic: Traffic, load: () => Promise<unknown>): Promise<number> {
  traffic.forgetLatencies();
  const enough = traffic.more(SLICE_REQUESTS);
  await load();
  await enough;
  return traffic.report.p99Ms;
}

/**
 * Holds a neighbor's p99 to twice of what it is without the load. Compares medians of slices that were measured in turns, so
 * that other work of the machine counts on both sides.
 * @returns both medians in words
 */
export function expectUndisturbed(withoutMs: readonly number[], besideMs: readonly number[]): string {
  const without = quantile(withoutMs, 0.5);
  const beside = quantile(besideMs, 0.5);
  expect(beside).toBeLessThanOrEqual(Math.max(2 * without, COMPARABLE_MS));
  return `${without.toFixed(1)} ms without, ${beside.toFixed(1)} ms beside it (medians of ${withoutMs.length} and ${besideMs.length} slices)`;
}
