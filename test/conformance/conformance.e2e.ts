// The promise of the fronts and clients: the strict engine meets every row and the lenient ones exactly those that
// are not on their lists. nginx and HAProxy are measured by `npm run conformance`, and asserted nowhere.
import { afterAll, describe, expect, it, type TestContext } from "vitest";
import {
  byRow,
  http1Failures,
  type KnownFailure,
  races,
  smuggling,
  strictFailures,
  uwsFailures,
} from "./known-failures.js";
import { hostileUpstream } from "./rows/hostile-upstream.js";
import { rows as requestRows } from "./rows/index.js";
import type { Row } from "./support/row.js";
import { topics } from "./support/row.js";
import { runTarget, type SuiteOptions, type TargetResult } from "./support/suite.js";
import { sumOf } from "./support/table.js";
import type { Target } from "./support/target.js";
import { latchkey } from "./targets/latchkey.js";
import { relay } from "./targets/relay.js";

interface Promised {
  readonly title: string;
  readonly target: Target;
  readonly rows: readonly Row[];
  readonly failures: readonly KnownFailure[];
  readonly options?: SuiteOptions;
  /** The documented outcome of each row, not only an allowed one. */
  readonly isExact?: boolean;
  /** The parser that the list of failures is true for, where it is not ours. */
  readonly listedFor?: RegExp;
}

const quick = requestRows.filter((row) => !row.shortTimeouts);

const promises: readonly Promised[] = [
  {
    title: "engine strict",
    target: latchkey("strict"),
    rows: requestRows,
    failures: strictFailures,
    isExact: true,
  },
  {
    title: "engine strict, byte by byte",
    target: latchkey("strict"),
    rows: quick,
    failures: strictFailures,
    options: { delivery: "bytewise" },
    isExact: true,
  },
  {
    title: "engine strict, portable I/O",
    target: latchkey("strict", "portable"),
    rows: quick,
    failures: strictFailures,
    isExact: true,
  },
  {
    title: "engine uws",
    target: latchkey("uws"),
    rows: requestRows,
    failures: uwsFailures,
    listedFor: /20\.30\.0-unofficial/,
  },
  {
    title: "client http1",
    target: latchkey("strict"),
    rows: hostileUpstream,
    failures: http1Failures,
  },
  {
    title: "client http1, portable I/O",
    target: latchkey("strict", "portable"),
    rows: hostileUpstream.filter((row) => !row.shortTimeouts),
    failures: http1Failures,
  },
];

const lines: string[] = [];
afterAll(() => {
  process.stdout.write(`\nconformance\n${lines.join("\n")}\n`);
});

describe.each(promises)("$title", ({ title, target, rows, failures, options, isExact, listedFor }) => {
  const known = byRow(failures);
  const isRace = (row: Row) => races(failures).has(row.name);
  let running: Promise<TargetResult> | null = null;
  const result = () => {
    running ??= runTarget(target, rows, {
      ...options,
      known: new Set(known.keys()),
    });
    return running;
  };

  /** One run for all tests of the engine; skips the test, and says why, where the engine does not run. */
  const resultOrSkip = async (context: TestContext): Promise<TargetResult> =>
    await result().catch((error: unknown) => {
      if (error instanceof Error && /no build of uWebSockets\.js loads/i.test(error.message)) {
        context.skip("no build of uWebSockets.js loads on this machine");
      }
      throw error;
    });

  it("survives all rows", async (context) => {
    const done = await resultOrSkip(context);
    const { met, asked } = sumOf(done, rows);
    lines.push(`  ${title} (${done.version}): ${met} of ${asked} rows met`);
    expect(done.survived).toBe(true);
  });

  it("passes on no request that the client did not send, but those known", async (context) => {
    const { verdicts, version } = await resultOrSkip(context);
    const smuggled = [...verdicts].filter(([, verdict]) => verdict.isSmuggled);
    const names = smuggling(failures);
    const unknown = smuggled.filter(([row]) => !names.includes(row.name));
    expect(unknown.map(([row, verdict]) => `${row.name}: ${verdict.seen}`)).toEqual([]);
    if (listedFor?.test(version) !== false) expect(smuggled.map(([row]) => row.name)).toEqual(names);
  });

  const present = topics.filter((topic) => rows.some((row) => row.topic === topic));
  it.for(present)("meets the rows of %s but those known", async (topic, context) => {
    const { verdicts, version } = await resultOrSkip(context);
    if (listedFor?.test(version) === false) context.skip(`the failures of ${version} are not listed`);
    const failed = Object.fromEntries(
      [...verdicts]
        .filter(([row, verdict]) => row.topic === topic && !verdict.isMet && !isRace(row))
        .map(([row, verdict]) => [
          row.name,
          known.get(row.name) ?? `unexpected: ${verdict.problem} (${verdict.seen})`,
        ]),
    );
    const expected = Object.fromEntries(
      rows
        .filter((row) => row.topic === topic && known.has(row.name) && verdicts.has(row) && !isRace(row))
        .map((row) => [row.name, known.get(row.name)]),
    );
    expect(failed).toEqual(expected);
  });

  it("names only rows that exist as known failures", () => {
    const names = new Set(requestRows.concat(hostileUpstream).map((row) => row.name));
    expect([...known.keys()].filter((name) => !names.has(name))).toEqual([]);
  });

  if (isExact === true) {
    it("does what is documented where the RFC leaves a choice", async (context) => {
      const { verdicts } = await resultOrSkip(context);
      // Whether an early response overtakes the rest of the body is the network's choice, not the engine's.
      const isOpen = (row: Row) => row.topic === "early-responses";
      const other = [...verdicts].filter(
        ([row, verdict]) => verdict.isMet && !verdict.isPreferred && !isOpen(row),
      );
      expect(other.map(([row, verdict]) => `${row.name}: ${verdict.seen}`)).toEqual([]);
    });
  }

  if (title === "engine uws") {
    it("serves or refuses rightly everything that a handler can see", async (context) => {
      const { verdicts } = await resultOrSkip(context);
      // Ending the connection is what stops its parser, and then no response goes out: that is a refusal too.
      const isRefusal = (row: Row) => row.accept.some((outcome) => outcome.upstream.length === 0);
      const missed = [...verdicts].filter(
        ([row, verdict]) =>
          row.visibleToHandler && !verdict.isMet && !(isRefusal(row) && verdict.isSilentRefusal),
      );
      expect(missed.map(([row, verdict]) => `${row.name}: ${verdict.problem} (${verdict.seen})`)).toEqual([]);
    });
  }
});

describe("the suite itself", () => {
  it("notices what a gateway lets through", async () => {
    const smuggling = requestRows.filter(
      (row) => row.topic === "framing-length" || row.name === "pipeline-behind-bad",
    );
    const { verdicts } = await runTarget(relay, smuggling, {
      known: new Set(smuggling.map((row) => row.name)),
    });
    const served = [...verdicts].filter(([, verdict]) => verdict.isMet).map(([row]) => row);
    // What is met without a gateway is what may arrive as it is, whole or cut: all the rest must be noticed.
    const isHonest = (row: Row) =>
      row.accept.some((outcome) => outcome.upstream.length > 0 || outcome.incomplete !== null);
    expect(served.filter((row) => !isHonest(row)).map((row) => row.name)).toEqual([]);
    expect(served.length).toBeGreaterThan(5);
  });
});

describe("rows", () => {
  it("have names of their own", () => {
    const names = [...requestRows, ...hostileUpstream].map((row) => row.name);
    expect(new Set(names).size).toBe(names.length);
  });

  it("name a clause each", () => {
    const vague = [...requestRows, ...hostileUpstream].filter((row) => !/^RFC \d{4} §\d/.test(row.clause));
    expect(vague.map((row) => row.name)).toEqual([]);
  });
});
