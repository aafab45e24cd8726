/** Shows and hides columns of a table. */
import { ActionIcon, Checkbox, Popover } from "@mantine/core";
import classes from "./column-menu.module.css";
import { Icon } from "./icon.js";
import type { ColumnChoice } from "./use-columns.js";

export function ColumnMenu({ choices, toggle }: Pick<ColumnChoice<never>, "choices" | "toggle">) {
  return (
    <Popover position="bottom-end" shadow="md" trapFocus returnFocus transitionProps={{ duration: 80 }}>
      <Popover.Target>
        <ActionIcon variant="default" size={32} aria-label="Columns" title="Columns">
          <Icon name="columns-3" size={17} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown aria-label="Columns">
        <div className={classes.choices}>
          {choices.map(({ key, label, isShown }) => (
            <Checkbox key={key} size="xs" label={label} checked={isShown} onChange={() => toggle(key)} />
          ))}
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
