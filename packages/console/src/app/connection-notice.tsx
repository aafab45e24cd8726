/** Says that the control plane does not respond, so that nobody takes what is shown for what is now. */
import { useIsLost } from "../graphql/connection.js";
import { Icon } from "../ui/icon.js";
import classes from "./connection-notice.module.css";

export function ConnectionNotice() {
  const isLost = useIsLost();
  return (
    <div role="alert" className={classes.place}>
      {isLost && (
        <div className={classes.notice}>
          <Icon name="warning" />
          <span>
            <strong>The control plane does not respond.</strong> What you see may be out of date. Trying to
            reconnect.
          </span>
        </div>
      )}
    </div>
  );
}
