/**
 * Lets signed-in people through and sends everybody else to the sign-in page, which leads back. Over unsaved changes of an
 * expired session the sign-in is a dialog.
 */
import { Fragment, type ReactNode } from "react";
import { Navigate, useLocation } from "react-router";
import { SignInDialog } from "./sign-in-dialog.js";
import { useSession } from "./use-session.js";

export function RequireSession({ children }: { readonly children: ReactNode }) {
  const session = useSession();
  const location = useLocation();
  if (session.kind === "signedIn" || session.kind === "expired")
    return (
      <Fragment key={session.generation}>
        {children}
        <SignInDialog opened={session.kind === "expired"} />
      </Fragment>
    );
  if (session.kind === "signedOut") {
    const from = location.pathname + location.search;
    return <Navigate to={from === "/" ? "/sign-in" : `/sign-in?next=${encodeURIComponent(from)}`} replace />;
  }
  // As in index.html, so that nothing moves until the page is there.
  return (
    <div className="lk-shell" role="status" aria-label="Loading">
      <div className="lk-shell-side" />
    </div>
  );
}
