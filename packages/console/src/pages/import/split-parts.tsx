/** The APIs that a document is split into, as a dry run says. */
import { Disclosure } from "../../ui/disclosure.js";
import classes from "./import-form.module.css";
import type { Import } from "./use-import.js";

export function SplitParts({ made }: { readonly made: Import }) {
  const apis = made.preview.payload?.apis ?? [];
  if (apis.length === 0) return null;
  const count = apis.length === 1 ? "1 API" : `${apis.length} APIs`;
  return (
    <Disclosure className={classes.disclosure} summary={`${count} will be created`}>
      {() => (
        <ul className={classes.made}>
          {apis.map(({ title, routeCount }) => (
            <li key={title}>
              <span className="lk-break">{title}</span>
              <span className="lk-muted">
                {routeCount === 1 ? "1 route" : `${routeCount.toLocaleString("en")} routes`}
              </span>
            </li>
          ))}
        </ul>
      )}
    </Disclosure>
  );
}
