/** Opens and closes a route's parameters, and says how many are declared. */
import { UnstyledButton } from "@mantine/core";
import { Icon } from "../../ui/icon.js";
import classes from "./parameters.module.css";

export interface ParametersButtonProps {
  readonly routeName: string;
  /** Null: not known while the JSON cannot be read. */
  readonly count: number | null;
  readonly isOpen: boolean;
  readonly panelId: string;
  readonly isRefused: boolean;
  readonly onClick: () => void;
}

export function ParametersButton(props: ParametersButtonProps) {
  const { routeName, count, isOpen, isRefused } = props;
  return (
    <UnstyledButton
      className={classes.button ?? ""}
      aria-expanded={isOpen}
      aria-controls={isOpen ? props.panelId : undefined}
      data-refused={isRefused || undefined}
      onClick={props.onClick}
    >
      <span className={classes.buttonLabel}>Parameters</span>
      <span className="lk-visually-hidden">of {routeName}:</span>
      <span>{count === null ? "?" : count === 0 ? "none" : count}</span>
      {isRefused && <span className="lk-visually-hidden">refused</span>}
      <Icon name="right" size={13} />
    </UnstyledButton>
  );
}
