/** Routes in short: method and path. Long lists open on demand. */
import { UnstyledButton } from "@mantine/core";
import { useState } from "react";
import { MethodBadge } from "../../ui/method-badge.js";
import type { UsingRoute } from "./schema-usage.js";
import classes from "./schemas.module.css";

const SHOWN_FIRST = 20;

export function RouteLines({ routes }: { readonly routes: readonly UsingRoute[] }) {
  const [isAll, setAll] = useState(false);
  const shown = isAll ? routes : routes.slice(0, SHOWN_FIRST);
  return (
    <>
      <ul className={classes.routes}>
        {shown.map(({ id, method, path }) => (
          <li key={id}>
            <MethodBadge method={method} compact />
            <code className="lk-break">{path}</code>
          </li>
        ))}
      </ul>
      {shown.length < routes.length && (
        <UnstyledButton className={classes.more ?? ""} onClick={() => setAll(true)}>
          Show all {routes.length.toLocaleString("en")}
        </UnstyledButton>
      )}
    </>
  );
}
