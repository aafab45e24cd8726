/** Above the routes of a form: the filter, how many it leaves, and the checkbox that selects them all. */
import { Checkbox, TextInput } from "@mantine/core";
import { Icon } from "../../ui/icon.js";
import classes from "./route-tools.module.css";
import type { RouteFilter } from "./use-route-filter.js";
import type { RouteSelection } from "./use-route-selection.js";

/** Fewer routes are seen at a glance. */
const FILTERED_MIN = 4;

export interface RouteToolsProps {
  readonly count: number;
  readonly filter: RouteFilter;
  readonly selection: RouteSelection;
}

export function RouteTools({ count, filter, selection }: RouteToolsProps) {
  if (count < FILTERED_MIN) return null;
  const { shown, text, setText } = filter;
  return (
    <div className={classes.tools}>
      <Checkbox
        className={classes.all ?? ""}
        size="xs"
        aria-label="Select all routes that are shown"
        checked={shown.length > 0 && selection.keys.size === shown.length}
        indeterminate={selection.keys.size > 0 && selection.keys.size < shown.length}
        onChange={selection.selectAll}
      />
      <TextInput
        className={classes.filter ?? ""}
        size="xs"
        type="search"
        aria-label="Filter routes"
        placeholder="Filter by method, path or integration"
        leftSection={<Icon name="search" size={14} />}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") event.preventDefault();
          if (event.key === "Escape") setText("");
        }}
        autoComplete="off"
        spellCheck={false}
      />
      <span className={classes.count} role="status">
        {shown.length === count
          ? `${count.toLocaleString("en")} routes`
          : `${shown.length.toLocaleString("en")} of ${count.toLocaleString("en")} routes`}
      </span>
    </div>
  );
}
