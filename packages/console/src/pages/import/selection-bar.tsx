/** Selects the listed operations, and gives the selected ones an integration. */
import { Button, Checkbox } from "@mantine/core";
import { useState } from "react";
import type { Option } from "../../ui/remote-select.js";
import { IntegrationSelect } from "../integrations/integration-select.js";
import type { ImportRow } from "./import-rows.js";
import classes from "./selection-bar.module.css";

export interface SelectionBarProps {
  /** Those of the filter that can be mapped. */
  readonly shown: readonly ImportRow[];
  readonly chosen: readonly ImportRow[];
  readonly subscriptionId: string | null;
  readonly onSelect: (keys: readonly string[], isSelected: boolean) => void;
  readonly onAssign: (integration: Option | null) => void;
}

export function SelectionBar({ shown, chosen, subscriptionId, onSelect, onAssign }: SelectionBarProps) {
  const [announcement, setAnnouncement] = useState("");
  const [integration, setIntegration] = useState<Option | null>(null);
  const keys = shown.map(({ key }) => key);
  const isAll = chosen.length > 0 && chosen.length === shown.length;
  const count = (n: number) => (n === 1 ? "1 operation" : `${n.toLocaleString("en")} operations`);

  function give(to: Option | null): void {
    onAssign(to);
    onSelect(keys, false);
    setIntegration(null);
    setAnnouncement(
      to === null
        ? `Your choice for ${count(chosen.length)} is gone.`
        : `${count(chosen.length)} ${chosen.length === 1 ? "goes" : "go"} to ${to.label}.`,
    );
  }

  return (
    <div className={classes.selection} data-open={chosen.length > 0 || undefined}>
      <Checkbox
        label={chosen.length === 0 ? `Select ${count(shown.length)}` : `${count(chosen.length)} selected`}
        checked={isAll}
        indeterminate={chosen.length > 0 && !isAll}
        disabled={shown.length === 0}
        onChange={() => onSelect(keys, !isAll)}
      />
      {chosen.length > 0 && (
        <div className={classes.assign}>
          <IntegrationSelect
            label="Integration of the selected operations"
            isLabelHidden
            subscriptionId={subscriptionId}
            value={integration}
            onChange={setIntegration}
          />
          <Button size="sm" disabled={integration === null} onClick={() => give(integration)}>
            Set integration
          </Button>
          <Button size="sm" variant="default" onClick={() => give(null)}>
            Reset
          </Button>
        </div>
      )}
      <span className="lk-visually-hidden" role="status">
        {announcement}
      </span>
    </div>
  );
}
