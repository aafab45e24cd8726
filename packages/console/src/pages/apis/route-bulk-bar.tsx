/** What can be done with the selected routes of the form: another integration for all of them, or removal. */
import { Button, CloseButton } from "@mantine/core";
import { Icon } from "../../ui/icon.js";
import type { Option } from "../../ui/remote-select.js";
import { IntegrationSelect } from "../integrations/integration-select.js";
import classes from "./route-tools.module.css";

export interface RouteBulkBarProps {
  readonly count: number;
  readonly subscriptionId: string | null;
  readonly onMoveTo: (integration: Option) => void;
  readonly onRemove: () => void;
  readonly onClear: () => void;
}

export function RouteBulkBar({ count, subscriptionId, onMoveTo, onRemove, onClear }: RouteBulkBarProps) {
  if (count === 0) return null;
  const routes = count === 1 ? "1 route" : `${count} routes`;
  return (
    <section className={classes.bar} aria-label="Selected routes">
      <strong role="status">{routes} selected</strong>
      <span className={classes.target}>
        <IntegrationSelect
          label={`Move ${routes} to`}
          isLabelHidden
          placeholder={`Move ${routes} to …`}
          size="xs"
          subscriptionId={subscriptionId}
          value={null}
          onChange={(integration) => integration !== null && onMoveTo(integration)}
        />
      </span>
      <Button
        size="xs"
        variant="default"
        className={classes.danger ?? ""}
        leftSection={<Icon name="trash" size={14} />}
        onClick={onRemove}
      >
        Remove
      </Button>
      <CloseButton size="sm" aria-label="Clear the selection" onClick={onClear} />
    </section>
  );
}
