/** A line that moves while what stands below it is being read again. */
import classes from "./busy-line.module.css";

export function BusyLine({ isBusy }: { readonly isBusy: boolean }) {
  return <div className={classes.line} data-busy={isBusy || undefined} aria-hidden="true" />;
}
