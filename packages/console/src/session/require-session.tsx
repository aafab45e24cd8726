/** Lets signed-in people through; sends everybody else to the sign-in page, which brings them back afterwards. */
import { Loader } from "@mantine/core";
import type { ReactNode } from "react";
import { Navigate, useLocation } from "react-router";
import classes from "./sign-in.module.css";
import { useSession } from "./use-session.js";

export function RequireSession({ children }: { readonly children: ReactNode }) {
  const session = useSession();
  const location = useLocation();
  if (session.kind === "signedIn") return children;
  if (session.kind === "signedOut") {
    const from = location.pathname + location.search;
    return <Navigate to={from === "/" ? "/sign-in" : `/sign-in?next=${encodeURIComponent(from)}`} replace />;
  }
  return (
    <div className={classes.waiting} role="status" aria-label="Loading">
      <Loader size="sm" />
    </div>
  );
}
