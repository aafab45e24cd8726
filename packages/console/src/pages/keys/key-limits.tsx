/** A key's rate limit and quota with what is used of them. */
import { Progress } from "@mantine/core";
import { sinceText } from "../../ui/chart-time.js";
import { useNow } from "../../ui/clock.js";
import { formatCount, formatWindow } from "../../ui/format.js";
import { Panel } from "../../ui/page.js";
import type { Limit } from "./key-limit-use.js";
import classes from "./key-page.module.css";

/** From this share on a limit is nearly reached. */
const NEARLY = 0.8;

export interface LimitUse {
  readonly limit: Limit | null;
  /** Since when there are counts; null: since the window's begin. */
  readonly lateMs: number | null;
  /** Requests that were not refused. */
  readonly accepted: number;
}

export function KeyLimits({ rate, quota }: { readonly rate: LimitUse; readonly quota: LimitUse }) {
  return (
    <Panel title="Limits" description="Requests that were not refused, as far as nodes have reported">
      <div className={classes.limits}>
        <LimitMeter name="Rate limit" use={rate} period={(seconds) => `in the last ${spanText(seconds)}`} />
        <LimitMeter name="Quota" use={quota} period={(seconds) => `in the current ${spanText(seconds)}`} />
      </div>
    </Panel>
  );
}

interface LimitMeterProps {
  readonly name: string;
  readonly use: LimitUse;
  readonly period: (windowSeconds: number) => string;
}

function LimitMeter({ name, use: { limit, lateMs, accepted }, period }: LimitMeterProps) {
  const now = useNow();
  if (limit === null)
    return (
      <div className={classes.limit}>
        <span className={classes.limitName}>{name}</span>
        <span className="lk-muted">None</span>
      </div>
    );
  const share = Math.min(1, accepted / limit.limit);
  const atLeast = lateMs === null ? "" : "at least ";
  return (
    <div className={classes.limit}>
      <span className={classes.limitName}>{name}</span>
      <span>
        <strong>{`${atLeast}${formatCount(accepted)}`}</strong> of {formatCount(limit.limit)}{" "}
        {period(limit.windowSeconds)}
      </span>
      <Progress
        className={classes.meter ?? ""}
        value={share * 100}
        color={share >= NEARLY ? "red" : "indigo"}
        aria-label={`Used of the ${name.toLowerCase()}`}
      />
      <span className={classes.limitDetail}>
        {limit.burst > 0 &&
          limit.burst !== limit.limit &&
          `Burst: at most ${formatCount(limit.burst)} at once. `}
        {lateMs !== null && Number.isFinite(lateMs) && `Counted since ${sinceText(lateMs, now)}.`}
      </span>
    </div>
  );
}

/** `60 s` rather than `min`: "in the last minute". */
function spanText(seconds: number): string {
  const named: Readonly<Record<number, string>> = { 1: "second", 60: "minute", 3600: "hour", 86400: "day" };
  return named[seconds] ?? formatWindow(seconds);
}
