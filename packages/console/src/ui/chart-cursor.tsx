/**
 * The crosshair of a chart: follows the pointer, stays where a finger was put, and moves by arrow keys. What holds the focus is a
 * slider over the drawing, so that a screen reader says the point that it stands on.
 */
import { type KeyboardEvent, type MouseEvent, type PointerEvent, useRef } from "react";
import classes from "./line-chart.module.css";

const PAGE_POINTS = 10;

export interface ChartCursorOptions {
  readonly timesMs: readonly number[];
  /** Index of the point that is shown; null: none. */
  readonly index: number | null;
  readonly set: (index: number | null) => void;
  /** Time at pixels from the left of the drawing. */
  readonly timeAt: (left: number) => number;
}

export function useChartCursor({ timesMs, index, set, timeAt }: ChartCursorOptions) {
  const slider = useRef<HTMLDivElement>(null);
  const last = timesMs.length - 1;

  function follow(event: PointerEvent<SVGSVGElement>): void {
    const { left } = event.currentTarget.getBoundingClientRect();
    set(nearest(timesMs, timeAt(event.clientX - left)));
  }

  function onKeyDown(event: KeyboardEvent): void {
    const from = Math.min(index ?? last, last);
    const to = nextIndex(event.key, from, last);
    if (to === undefined || last < 0) return;
    event.preventDefault();
    set(to);
  }

  return {
    drawing: {
      onPointerMove: follow,
      // The focus keeps the crosshair after the finger is gone, and takes it away with the next touch elsewhere.
      onPointerDown: (event: PointerEvent<SVGSVGElement>) => {
        if (event.pointerType === "mouse") return;
        follow(event);
        slider.current?.focus({ preventScroll: true });
      },
      // The press that browsers send after a touch would take the focus away.
      onMouseDown: (event: MouseEvent) => event.preventDefault(),
      onPointerLeave: (event: PointerEvent) => {
        if (event.pointerType === "mouse") set(null);
      },
    },
    slider: { ref: slider, onKeyDown, onBlur: () => set(null), last },
  };
}

export interface ChartCursorProps extends Pick<ChartCursorOptions, "index"> {
  readonly title: string;
  /** Time and values of the point. */
  readonly text: string;
  readonly slider: ReturnType<typeof useChartCursor>["slider"];
}

export function ChartCursor({ title, text, index, slider }: ChartCursorProps) {
  const { last, ...handlers } = slider;
  if (last < 0) return null;
  return (
    <div
      {...handlers}
      className={classes.cursor}
      role="slider"
      tabIndex={0}
      aria-label={`${title}, point in time`}
      aria-valuemin={0}
      aria-valuemax={last}
      aria-valuenow={Math.min(index ?? last, last)}
      aria-valuetext={text}
    />
  );
}

/** Where a key leads; undefined: it is none of the slider's. Null: to no point. */
function nextIndex(key: string, from: number, last: number): number | null | undefined {
  const steps: Readonly<Record<string, number>> = {
    ArrowLeft: from - 1,
    ArrowDown: from - 1,
    ArrowRight: from + 1,
    ArrowUp: from + 1,
    PageDown: from - PAGE_POINTS,
    PageUp: from + PAGE_POINTS,
    Home: 0,
    End: last,
  };
  if (key === "Escape") return null;
  const to = steps[key];
  return to === undefined ? undefined : Math.min(last, Math.max(0, to));
}

/** Index of the time next to `atMs`; null without any. */
function nearest(timesMs: readonly number[], atMs: number): number | null {
  let best: number | null = null;
  for (const [index, timeMs] of timesMs.entries())
    if (best === null || Math.abs(timeMs - atMs) < Math.abs((timesMs[best] ?? 0) - atMs)) best = index;
  return best;
}
