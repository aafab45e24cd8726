/** Chooses the window of time, and whether the one before is shown as well. */
import { Checkbox, SegmentedControl } from "@mantine/core";
import classes from "./traffic.module.css";
import { type TrafficWindow, trafficWindows } from "./traffic-window.js";

export interface WindowControlProps {
  readonly window: TrafficWindow;
  readonly onChange: (value: string) => void;
  readonly isCompared: boolean;
  readonly onCompare: (isOn: boolean) => void;
}

export function WindowControl({ window, onChange, isCompared, onCompare }: WindowControlProps) {
  return (
    <div className={classes.window}>
      {!window.isLive && (
        <Checkbox
          size="xs"
          label="Compare with the previous period"
          checked={isCompared}
          onChange={(event) => onCompare(event.currentTarget.checked)}
        />
      )}
      <SegmentedControl
        aria-label="Window of time"
        size="xs"
        value={window.value}
        onChange={onChange}
        data={trafficWindows.map((each) => ({ value: each.value, label: <WindowLabel window={each} /> }))}
      />
    </div>
  );
}

function WindowLabel({ window: { label, shortLabel } }: Pick<WindowControlProps, "window">) {
  return (
    <>
      <span className={classes.longLabel}>{label}</span>
      <span className={classes.shortLabel}>{shortLabel}</span>
    </>
  );
}
