/** The bar that a page creates something with: why it was not created, and the buttons. */
import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { Link } from "react-router";
import classes from "./save-bar.module.css";

export interface CreateBarProps {
  /** `Create API` */
  readonly label: string;
  readonly isBusy: boolean;
  /** Why the last attempt failed; null: it did not. */
  readonly problem: string | null;
  /** Where “Cancel” leads. */
  readonly listPath: string;
  /** Shown where there is no problem. */
  readonly note?: ReactNode;
}

export function CreateBar({ label, isBusy, problem, listPath, note }: CreateBarProps) {
  return (
    <div className={classes.bar} data-save-bar>
      <span className={classes.state}>
        {problem === null ? (
          note
        ) : (
          <span role="alert" className={classes.problem}>
            {problem}
          </span>
        )}
      </span>
      <Button component={Link} to={listPath} variant="default">
        Cancel
      </Button>
      <Button type="submit" loading={isBusy}>
        {label}
      </Button>
    </div>
  );
}
