/** From samples to figures: medians by contender and workload, and ratios to nginx pair by pair in the same round. */
import { cpus, totalmem } from "node:os";

export interface Sample {
  readonly contender: string;
  readonly workload: string;
  readonly round: number;
  readonly requestsPerSecond: number;
  readonly cpuUsPerRequest: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly p999Us: number;
  readonly rssMiB: number;
  /** Why the sample does not count, or null. */
  readonly failure: string | null;
}

export interface Row {
  readonly contender: string;
  readonly workload: string;
  readonly counted: number;
  readonly failures: readonly string[];
  readonly requestsPerSecond: number;
  readonly cpuUsPerRequest: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly p999Us: number;
  readonly rssMiB: number;
  /** Median, least and greatest of the rounds' ratios to nginx; null without pairs. */
  readonly cpuRatioToNginx: Spread | null;
}

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export interface Results {
  readonly date: string;
  readonly machine: string;
  readonly rounds: number;
  readonly seconds: number;
  readonly versions: Readonly<Record<string, string>>;
  readonly rows: readonly Row[];
  /** By contender, over the small GET: what the goal is about. */
  readonly ratioToNginx: { readonly cpuPerRequest: Readonly<Record<string, number>> };
}

const REFERENCE = "nginx";

export function summarise(
  samples: readonly Sample[],
  versions: ReadonlyMap<string, string>,
  settings: { rounds: number; seconds: number },
): Results {
  const rows: Row[] = [];
  for (const group of groups(samples)) rows.push(rowOf(group, samples));
  const cpuPerRequest: Record<string, number> = {};
  for (const row of rows) {
    if (row.workload === "get" && row.cpuRatioToNginx !== null)
      cpuPerRequest[row.contender] = row.cpuRatioToNginx.median;
  }
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: machine(),
    ...settings,
    versions: Object.fromEntries(versions),
    rows,
    ratioToNginx: { cpuPerRequest },
  };
}

function groups(samples: readonly Sample[]): Sample[][] {
  const found = new Map<string, Sample[]>();
  for (const sample of samples) {
    const name = `${sample.workload}/${sample.contender}`;
    const group = found.get(name);
    if (group === undefined) found.set(name, [sample]);
    else group.push(sample);
  }
  return [...found.values()];
}

function rowOf(group: readonly Sample[], all: readonly Sample[]): Row {
  const [first] = group;
  if (first === undefined) throw new RangeError("a group has samples");
  const counted = group.filter((sample) => sample.failure === null);
  const of = (pick: (sample: Sample) => number) => median(counted.map(pick));
  return {
    contender: first.contender,
    workload: first.workload,
    counted: counted.length,
    failures: [...new Set(group.flatMap((sample) => (sample.failure === null ? [] : [sample.failure])))],
    requestsPerSecond: of((sample) => sample.requestsPerSecond),
    cpuUsPerRequest: of((sample) => sample.cpuUsPerRequest),
    p50Us: of((sample) => sample.p50Us),
    p99Us: of((sample) => sample.p99Us),
    p999Us: of((sample) => sample.p999Us),
    rssMiB: of((sample) => sample.rssMiB),
    cpuRatioToNginx: ratios(
      group,
      all.filter((s) => s.contender === REFERENCE && s.workload === first.workload),
    ),
  };
}

function ratios(group: readonly Sample[], reference: readonly Sample[]): Spread | null {
  const found: number[] = [];
  for (const sample of group) {
    const peer = reference.find(({ round }) => round === sample.round);
    if (peer === undefined || peer.failure !== null || sample.failure !== null) continue;
    if (peer.cpuUsPerRequest === 0) continue; // idle connections cost nginx nothing
    found.push(sample.cpuUsPerRequest / peer.cpuUsPerRequest);
  }
  if (found.length === 0) return null;
  return { median: median(found), min: Math.min(...found), max: Math.max(...found) };
}

/** Cores and memory of this machine, for the head of a table. */
export function machine(): string {
  return `${cpus().length} × ${cpus()[0]?.model ?? "?"}, ${Math.round(totalmem() / 2 ** 30)} GiB`;
}

export function median(values: readonly number[]): number {
  if (values.length === 0) return 0;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? 0)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}
