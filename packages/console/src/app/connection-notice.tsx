/** Says that changes do not arrive, and why, so that nobody takes what is shown for what is now. */
import { useBreak } from "../graphql/connection.js";
import { Icon } from "../ui/icon.js";
import classes from "./connection-notice.module.css";

export function ConnectionNotice() {
  const broken = useBreak();
  return (
    <div role="alert" className={classes.place} data-break={broken}>
      {broken !== null && (
        <div className={classes.notice}>
          <Icon name="alert-triangle" />
          <span>
            {broken === "lost" ? (
              <>
                <strong>The control plane does not respond.</strong> What you see may be out of date. Trying
                to reconnect.
              </>
            ) : (
              <>
                <strong>Live updates do not arrive.</strong> The control plane responds, but WebSockets do not
                get to it. A reverse proxy in front of it has to pass <code>Upgrade</code> and{" "}
                <code>Host</code> on.
              </>
            )}
          </span>
        </div>
      )}
    </div>
  );
}
