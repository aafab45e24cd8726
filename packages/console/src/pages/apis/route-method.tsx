/** The method of a route, chosen in the color of its badge. */
import { type Method, methods } from "../../ui/method-badge.js";
import classes from "./route-rows.module.css";

export interface RouteMethodProps {
  readonly rowKey: string;
  /** `route 2` */
  readonly name: string;
  readonly method: Method;
  readonly error: string | null;
  readonly onChange: (method: Method) => void;
}

export function RouteMethod({ rowKey, name, method, error, onChange }: RouteMethodProps) {
  const errorId = `method-error-${rowKey}`;
  return (
    <div className={classes.method}>
      <select
        className={classes.select}
        data-method={method}
        data-focus={`method-${rowKey}`}
        aria-label={`Method of ${name}`}
        aria-invalid={error !== null}
        {...(error === null ? {} : { "aria-describedby": errorId })}
        value={method}
        onChange={(event) => onChange(event.currentTarget.value as Method)}
      >
        {methods.map((each) => (
          <option key={each} value={each}>
            {each}
          </option>
        ))}
      </select>
      {error !== null && (
        <span className={classes.error} id={errorId}>
          {error}
        </span>
      )}
    </div>
  );
}
