/** What can be done with one route: try it, move it, remove it. */
import { ActionIcon } from "@mantine/core";
import { Link } from "react-router";
import { Icon } from "../../ui/icon.js";
import type { RouteRow } from "./api-form-state.js";
import classes from "./route-rows.module.css";

export interface RouteRowButtonsProps {
  readonly row: RouteRow;
  readonly index: number;
  readonly count: number;
  /** Cannot be moved, because only some rows are shown. */
  readonly isFixed: boolean;
  readonly onMove: (key: string, from: number, to: number, count: number, focus: string) => void;
  readonly onRemove: (key: string, index: number) => void;
  /** `route 2` */
  readonly name: string;
}

export function RouteRowButtons(props: RouteRowButtonsProps) {
  const { row, name, index, count, isFixed, onMove } = props;
  return (
    <div className={classes.buttons}>
      {row.id !== null && (
        <ActionIcon
          component={Link}
          to={`?try=${row.id}`}
          preventScrollReset
          variant="subtle"
          color="gray"
          aria-label={`Try ${name}`}
          title="Try the saved route"
        >
          <Icon name="player-play" />
        </ActionIcon>
      )}
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={`Move ${name} up`}
        data-focus={`up-${row.key}`}
        disabled={isFixed || index === 0}
        onClick={() => onMove(row.key, index, index - 1, count, index - 1 === 0 ? "down" : "up")}
      >
        <Icon name="arrow-up" />
      </ActionIcon>
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={`Move ${name} down`}
        data-focus={`down-${row.key}`}
        disabled={isFixed || index === count - 1}
        onClick={() => onMove(row.key, index, index + 1, count, index + 2 === count ? "up" : "down")}
      >
        <Icon name="arrow-down" />
      </ActionIcon>
      <ActionIcon
        className={classes.remove ?? ""}
        variant="subtle"
        color="gray"
        aria-label={`Remove ${name}`}
        onClick={() => props.onRemove(row.key, index)}
      >
        <Icon name="trash" />
      </ActionIcon>
    </div>
  );
}
