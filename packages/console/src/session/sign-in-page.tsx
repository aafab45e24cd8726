/** The page to sign in on. */
import { useEffect } from "react";
import { Navigate, useSearchParams } from "react-router";
import { Brand } from "../app/brand.js";
import { Icon } from "../ui/icon.js";
import { safeNext } from "./safe-next.js";
import classes from "./sign-in.module.css";
import { SignInForm } from "./sign-in-form.js";
import { useSession } from "./use-session.js";

export function SignInPage() {
  const session = useSession();
  const [params] = useSearchParams();
  useEffect(() => {
    document.title = "Sign in · Latchkey";
  }, []);

  if (session.kind === "signedIn") return <Navigate to={safeNext(params.get("next"))} replace />;

  const notice = session.kind === "signedOut" ? session.notice : null;
  return (
    <main className={classes.root}>
      <div className={classes.card}>
        <Brand size={34} />
        <h1 className={classes.title}>Sign in to the console</h1>
        <p className={classes.text}>
          Use the admin token that <code>npm start</code> printed, or the one from your configuration.
        </p>
        {notice !== null && (
          <p className={classes.notice} role="status">
            <Icon name="info-circle" /> {notice}
          </p>
        )}
        <SignInForm />
        <p className={classes.foot}>
          The token is exchanged for a session cookie that scripts cannot read. It is not stored in this
          browser.
        </p>
      </div>
    </main>
  );
}
