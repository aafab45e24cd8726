// Runs rows against one gateway, many at a time, each with an upstream, a key and a connection of its own.
// Judges only when all have run, so that a request which reaches an upstream late is seen as well.
import { generateApiKey } from "@latchkey/core";
import { judge, type Verdict } from "./judge.js";
import { UpstreamRecorder } from "./recorder.js";
import type { Row } from "./row.js";
import { barrier, type ClientView, type Delivery, type RowPlace, runRow } from "./run-row.js";
import { shortClient, shortUpstream, type Target } from "./target.js";
import { Watch } from "./watch.js";

/** Enough to overlap the waits of rows that hang; few enough for one core to respond to each at once. */
const ROWS_AT_ONCE = 32;
/** Rows that are met never wait so long: far above what a busy machine needs. */
const DEADLINE_MS = 30_000;
/** For rows that are known to hang. */
const KNOWN_DEADLINE_MS = 2_000;

export interface TargetResult {
  readonly target: Target;
  readonly version: string;
  readonly verdicts: ReadonlyMap<Row, Verdict>;
  /** False when the process died of itself on the way. */
  readonly survived: boolean;
}

export interface SuiteOptions {
  readonly delivery?: Delivery;
  /**
   * Names of rows that are known not to be met: they are not waited for.
   */
  readonly known?: ReadonlySet<string>;
}

interface Seat {
  readonly row: Row;
  readonly key: string;
  readonly watch: Watch;
  readonly recorder: UpstreamRecorder;
  view: ClientView | null;
}

/** Rows that make sense for this gateway. */
function applicable(rows: readonly Row[], target: Target): Row[] {
  return rows.filter((row) => row.needs.every((need) => target.can.has(need)));
}

export async function runTarget(
  target: Target,
  rows: readonly Row[],
  options: SuiteOptions = {},
): Promise<TargetResult> {
  const seats = await Promise.all(applicable(rows, target).map(seatFor));
  const origins = seats.map((seat) => ({ key: seat.key, port: seat.recorder.port }));
  const isUpstreams = rows.some((row) => row.topic.startsWith("upstream-"));
  const running = await target.start(origins, isUpstreams ? shortUpstream : shortClient);
  try {
    // The slow ones first: they mostly wait, and the others run meanwhile.
    const queue = [...seats].sort((a, b) => Number(b.row.shortTimeouts) - Number(a.row.shortTimeouts));
    const slow = queue.filter((seat) => seat.row.shortTimeouts);
    const quick = queue.filter((seat) => !seat.row.shortTimeouts);
    const play = async (seat: Seat) => {
      const place: RowPlace = {
        port: seat.row.shortTimeouts ? running.shortPort : running.port,
        key: seat.key,
        recorder: seat.recorder,
        watch: seat.watch,
        deadlineMs: seat.row.shortTimeouts
          ? target.slowDeadlineMs
          : options.known?.has(seat.row.name)
            ? KNOWN_DEADLINE_MS
            : DEADLINE_MS,
      };
      seat.view = await runRow(seat.row, place, options.delivery).catch(failedView);
      await barrier({ ...place, port: running.port }).catch(() => false);
    };
    await Promise.all([...slow.map(play), ...workers(quick, play)]);
    const verdicts = new Map<Row, Verdict>();
    for (const seat of seats) {
      const view = seat.view ?? failedView(new Error("not run"));
      verdicts.set(seat.row, judge(seat.row, seat.key, target, view, seat.recorder));
    }
    return { target, version: running.version, verdicts, survived: running.isAlive() };
  } finally {
    await running.stop();
    await Promise.all(seats.map((seat) => seat.recorder.close()));
  }
}

async function seatFor(row: Row): Promise<Seat> {
  const watch = new Watch();
  const ignoresHttp2 = !JSON.stringify(row.steps).includes("PRI *");
  const recorder = await UpstreamRecorder.listen(watch, { replies: row.replies, ignoresHttp2 });
  return { row, key: generateApiKey(), watch, recorder, view: null };
}

function workers(seats: readonly Seat[], play: (seat: Seat) => Promise<void>): Promise<void>[] {
  const queue = [...seats];
  return Array.from({ length: ROWS_AT_ONCE }, async () => {
    for (let seat = queue.shift(); seat !== undefined; seat = queue.shift()) await play(seat);
  });
}

function failedView(error: unknown): ClientView {
  const text = error instanceof Error ? error.message : String(error);
  return { responses: [], interims: [], fault: text, fate: "hung", stuckAt: text };
}
