/** Downloads the usage of the chosen time from the control plane, as rows by API, route, key and integration. */
import { Button, Menu } from "@mantine/core";
import { Icon } from "../../ui/icon.js";
import type { TrafficWindow } from "./traffic-window.js";
import { useWindowBegin } from "./use-traffic.js";

const DAY_MS = 86_400_000;

const formats = [
  { format: "csv", label: "CSV" },
  { format: "ndjson", label: "JSON, one row per line" },
] as const;

export function UsageExportMenu({ window }: { readonly window: TrafficWindow }) {
  const from = useWindowBegin(window);
  const { resolution, step } = stepOf(window.durationMs);
  const query = new URLSearchParams({ from, resolution, groupBy: "API,ROUTE,KEY,INTEGRATION" });
  return (
    <Menu position="bottom-end" width={230} returnFocus>
      <Menu.Target>
        <Button size="xs" variant="default" leftSection={<Icon name="download" size={14} />}>
          Export
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{`All APIs, last ${window.label}, by ${step}`}</Menu.Label>
        {formats.map(({ format, label }) => (
          <Menu.Item key={format} component="a" href={`/usage.${format}?${query}`} download>
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

/** As fine as is kept for the whole time with the default settings. */
function stepOf(durationMs: number): { readonly resolution: string; readonly step: string } {
  if (durationMs < DAY_MS) return { resolution: "MINUTE", step: "minute" };
  return durationMs <= 30 * DAY_MS
    ? { resolution: "HOUR", step: "hour" }
    : { resolution: "DAY", step: "day" };
}
