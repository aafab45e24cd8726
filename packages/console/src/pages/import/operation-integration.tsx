/** The integration of one operation: text, and a field once it is to be changed. */
import { UnstyledButton } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { Icon } from "../../ui/icon.js";
import type { Option } from "../../ui/remote-select.js";
import { IntegrationSelect } from "../integrations/integration-select.js";
import type { ImportRow } from "./import-rows.js";
import classes from "./operation-rows.module.css";

export interface OperationIntegrationProps {
  readonly row: ImportRow;
  readonly subscriptionId: string | null;
  readonly onAssign: (integration: Option | null) => void;
}

export function OperationIntegration({ row, subscriptionId, onAssign }: OperationIntegrationProps) {
  const [isEditing, setEditing] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const isReturning = useRef(false);
  const name = `${row.method} ${row.path}`;
  // After a choice, back to where it was made.
  useEffect(() => {
    if (isEditing || !isReturning.current) return;
    isReturning.current = false;
    button.current?.focus();
  }, [isEditing]);

  if (row.match === null)
    return <span className={classes.integrationName}>{row.integration?.label ?? ""}</span>;
  if (isEditing)
    return (
      // biome-ignore lint/a11y/noStaticElementInteractions: Escape leaves the field that is inside
      <div
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          isReturning.current = true;
          setEditing(false);
        }}
      >
        <IntegrationSelect
          label={`Integration of ${name}`}
          isLabelHidden
          isOpenAtFirst
          subscriptionId={subscriptionId}
          value={row.integration}
          onChange={(integration) => {
            isReturning.current = true;
            setEditing(false);
            onAssign(integration);
          }}
          onLeave={() => setEditing(false)}
        />
      </div>
    );
  return (
    <UnstyledButton
      ref={button}
      className={classes.integrationButton ?? ""}
      data-integration
      data-missing={row.integration === null || undefined}
      onClick={() => setEditing(true)}
    >
      <span className="lk-visually-hidden">Integration of {name}: </span>
      <span className={classes.integrationName}>{row.integration?.label ?? "Choose an integration"}</span>
      <Icon name="pencil" size={13} />
    </UnstyledButton>
  );
}
