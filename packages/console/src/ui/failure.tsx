/** What a view shows when its data did not arrive: one sentence and a way to try again. Never a stack. */
import { Button } from "@mantine/core";
import type { CombinedError } from "urql";
import classes from "./failure.module.css";
import { Icon } from "./icon.js";

export function failureText(error: CombinedError | Error): string {
  // A proxy says 502 to 504 for a control plane that is not there.
  if ("response" in error && (error.response as Response | undefined)?.status === 500)
    return "The control plane failed (status 500). Its log says why.";
  if ("networkError" in error && error.networkError !== undefined)
    return "The control plane cannot be reached. It may be restarting.";
  if ("graphQLErrors" in error) return error.graphQLErrors[0]?.message ?? error.message;
  return error.message;
}

export function Failure({
  error,
  retry,
}: {
  readonly error: CombinedError | Error;
  readonly retry: () => void;
}) {
  return (
    <div className={classes.root} role="alert">
      <Icon name="alert-triangle" size={20} />
      <div className={classes.text}>
        <strong>This could not be loaded.</strong>
        <span>{failureText(error)}</span>
      </div>
      <Button size="xs" variant="default" leftSection={<Icon name="refresh" size={14} />} onClick={retry}>
        Try again
      </Button>
    </div>
  );
}
