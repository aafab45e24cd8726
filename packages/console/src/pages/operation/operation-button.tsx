/** Opens and closes a route's operation, and says what it has. */
import { UnstyledButton } from "@mantine/core";
import { Icon } from "../../ui/icon.js";
import classes from "./operation.module.css";

export interface OperationButtonProps {
  readonly routeName: string;
  /** `2 parameters` */
  readonly label: string;
  readonly hasPolicies: boolean;
  readonly isOpen: boolean;
  readonly panelId: string;
  readonly hasErrors: boolean;
  readonly onClick: () => void;
}

export function OperationButton(props: OperationButtonProps) {
  const { routeName, label, isOpen, hasErrors } = props;
  return (
    <UnstyledButton
      className={classes.button ?? ""}
      aria-expanded={isOpen}
      aria-controls={isOpen ? props.panelId : undefined}
      data-refused={hasErrors || undefined}
      onClick={props.onClick}
    >
      <span className={classes.buttonLabel}>Operation</span>
      <span className="lk-visually-hidden">of {routeName}:</span>
      <span className={classes.buttonText}>{label}</span>
      {props.hasPolicies && (
        <span className={classes.policies} title="Has limits or header rules">
          <Icon name="gauge" size={14} />
          <span className="lk-visually-hidden">, has limits or header rules</span>
        </span>
      )}
      {hasErrors && <span className="lk-visually-hidden">has errors</span>}
      <Icon name="chevron-right" size={13} />
    </UnstyledButton>
  );
}
