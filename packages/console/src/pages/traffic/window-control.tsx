/** Chooses the window of time. */
import { SegmentedControl } from "@mantine/core";
import { trafficWindows } from "./traffic-window.js";

export function WindowControl({
  value,
  onChange,
}: {
  readonly value: string;
  readonly onChange: (value: string) => void;
}) {
  return (
    <SegmentedControl
      aria-label="Window of time"
      size="xs"
      value={value}
      onChange={onChange}
      data={trafficWindows.map((each) => ({ value: each.value, label: each.label }))}
    />
  );
}
