/** The groups of the palette, and what is said when there is nothing. */
import { Combobox } from "@mantine/core";
import { Icon, type IconName } from "../../ui/icon.js";
import classes from "./palette.module.css";
import type { PaletteGroup } from "./palette-entries.js";
import type { SearchState } from "./use-palette-search.js";

const icons: Readonly<Record<PaletteGroup["kind"], IconName>> = {
  action: "player-play",
  page: "chevron-right",
  api: "code",
  route: "activity",
  integration: "plug-connected",
  credential: "lock",
  key: "key",
};

export interface PaletteListProps {
  readonly groups: readonly PaletteGroup[];
  readonly state: SearchState;
  readonly text: string;
}

export function PaletteList({ groups, state, text }: PaletteListProps) {
  return (
    <>
      <Combobox.Options
        className={classes.list ?? ""}
        tabIndex={0}
        aria-label="Results"
        aria-busy={state === "loading"}
      >
        {groups.map((group) => (
          <Combobox.Group key={group.kind} label={group.label} className={classes.group ?? ""}>
            {group.entries.map((entry) => (
              <Combobox.Option key={entry.id} value={entry.id} className={classes.entry ?? ""}>
                <Icon name={icons[group.kind]} />
                <bdi className={classes.label}>{entry.label}</bdi>
                {entry.detail !== null && <bdi className={classes.detail}>{entry.detail}</bdi>}
              </Combobox.Option>
            ))}
          </Combobox.Group>
        ))}
      </Combobox.Options>
      <p className={classes.status} role="status">
        {statusText(state, text, groups.length === 0)}
      </p>
    </>
  );
}

function statusText(state: SearchState, text: string, isEmpty: boolean): string {
  if (state === "loading") return "Searching…";
  if (state === "failed") return "The search failed. Pages and actions are still listed.";
  return isEmpty ? `Nothing matches “${text}”.` : "";
}
