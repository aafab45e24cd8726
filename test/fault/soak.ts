// `npm run soak`: changes and traffic for some minutes, memory of both planes sampled each second. Prints the slope of
// each by least squares over the second half, in MiB an hour: the first half is caches filling. The line is laid through
// the lowest sample of each window: what is above it is garbage that is not collected yet, a saw-tooth of tens of MiB.
//   --minutes N   10 without it
import { parseArgs } from "node:util";
import { enforced, mutate } from "../support/seed.js";
import { BusyStack, isRefused } from "./support/busy-stack.js";
import { rssMib } from "./support/figures.js";
import { checkInvariants } from "./support/invariants.js";
import { pause, shoot, Traffic } from "./support/traffic.js";

const { values } = parseArgs({ options: { minutes: { type: "string", default: "10" } } });
const minutes = Number(values.minutes);
if (!(minutes > 0)) throw new Error(`--minutes ${values.minutes}: a number above 0 is expected`);
const CLIENTS = 8;
const SAMPLE_MS = 1_000;
/** Resident memory below this slope is noise of the collector over ten minutes; above it, it is a leak until explained. */
const LOOK_MIB_PER_HOUR = 60;

interface Sample {
  readonly hours: number;
  readonly mib: number;
}

const WINDOWS = 10;

/** The lowest sample of each of some windows of equal length. */
function floors(samples: readonly Sample[]): Sample[] {
  const size = Math.ceil(samples.length / WINDOWS);
  return Array.from({ length: Math.ceil(samples.length / size) }, (_, i) =>
    samples.slice(i * size, (i + 1) * size).reduce((low, one) => (one.mib < low.mib ? one : low)),
  );
}

/** Of the least-squares line through the samples. */
function slope(samples: readonly Sample[]): number {
  const count = samples.length;
  const meanX = samples.reduce((sum, { hours }) => sum + hours, 0) / count;
  const meanY = samples.reduce((sum, { mib }) => sum + mib, 0) / count;
  let above = 0;
  let below = 0;
  for (const { hours, mib } of samples) {
    above += (hours - meanX) * (mib - meanY);
    below += (hours - meanX) ** 2;
  }
  return above / below;
}

await using busy = await BusyStack.start();
const { stack, api } = busy;
const untilMs = performance.now() + minutes * 60_000;
const samples: Record<"control plane" | "ingress", Sample[]> = { "control plane": [], ingress: [] };
let changes = 0;
let passed = 0;

/** An API comes, serves, has its key disabled, expired or deleted, which must not pass from then on, and goes. */
async function churn(): Promise<void> {
  while (performance.now() < untilMs) {
    const made = await busy.makeApi(`soak ${changes}`);
    await enforced(stack, made.revision);
    await enforced(stack, await busy.revoke(made));
    if (!isRefused((await shoot({ url: busy.url, key: made.secret })).status)) passed++;
    await mutate(stack, "deleteApi", { id: made.id }, "deletedApiId");
    changes += 3;
    await pause(20);
  }
}

async function sample(): Promise<void> {
  const startedMs = performance.now();
  while (performance.now() < untilMs) {
    const hours = (performance.now() - startedMs) / 3_600_000;
    samples["control plane"].push({ hours, mib: rssMib(stack.controlPlane.pid) });
    samples.ingress.push({ hours, mib: rssMib(stack.ingress.process.pid) });
    await pause(SAMPLE_MS);
  }
}

const body = JSON.stringify({ text: "x".repeat(1_000) });
const traffic = new Traffic(CLIENTS, (i) =>
  i % 2 === 0 ? { url: busy.url, key: api.secret } : { url: busy.url, key: api.secret, method: "POST", body },
);
await Promise.all([churn(), sample()]);
const report = await traffic.stop();
await checkInvariants(stack);
const settled = {
  "control plane": rssMib(stack.controlPlane.pid),
  ingress: rssMib(stack.ingress.process.pid),
};

const out = (line: string) => process.stdout.write(`${line}\n`);
out(
  `Soak of ${minutes} min: ${report.sent} requests, ${report.lost} failed; ${changes} changes; a revoked key passed ${passed} times.`,
);
out("| process | RSS at the start | half-way | at the end | slope of the second half | when all was over |");
out("|---|---|---|---|---|---|");
let isSteep = false;
for (const [name, all] of Object.entries(samples)) {
  const half = all.slice(Math.floor(all.length / 2));
  const perHour = slope(floors(half));
  isSteep ||= perHour > LOOK_MIB_PER_HOUR;
  const at = (found: Sample | undefined) => `${found?.mib.toFixed(0)} MiB`;
  out(
    `| ${name} | ${at(all[0])} | ${at(half[0])} | ${at(all.at(-1))} | ${perHour.toFixed(1)} MiB/h | ${settled[name as keyof typeof samples].toFixed(0)} MiB |`,
  );
}
if (isSteep && minutes >= 10) out(`A slope above ${LOOK_MIB_PER_HOUR} MiB/h: run it for longer, and look.`);
if (report.lost > 0 || passed > 0) {
  for (const reason of report.reasons) out(reason);
  process.exitCode = 1;
}
