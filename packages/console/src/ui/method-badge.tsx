/** The coloured badge of an HTTP method, and the methods there are. */
import classes from "./method-badge.module.css";

export const methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "ANY"] as const;

export type Method = (typeof methods)[number];

export function MethodBadge({
  method,
  compact = false,
}: {
  readonly method: string;
  readonly compact?: boolean;
}) {
  return (
    <span className={classes.badge} data-method={method} data-compact={compact || undefined}>
      {method}
    </span>
  );
}
