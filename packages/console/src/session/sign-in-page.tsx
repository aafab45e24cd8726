/** Changes the admin token for a session cookie. The token leaves this page in one request and is kept nowhere. */
import { Button, PasswordInput } from "@mantine/core";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { Navigate, useSearchParams } from "react-router";
import { Brand } from "../app/brand.js";
import { Icon } from "../ui/icon.js";
import { safeNext } from "./safe-next.js";
import { signIn } from "./session-store.js";
import classes from "./sign-in.module.css";
import { useSession } from "./use-session.js";

export function SignInPage() {
  const session = useSession();
  const [params] = useSearchParams();
  const [token, setToken] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const field = useRef<HTMLInputElement>(null);

  useEffect(() => {
    document.title = "Sign in · Latchkey";
    field.current?.focus();
  }, []);

  if (session.kind === "signedIn") return <Navigate to={safeNext(params.get("next"))} replace />;

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (token.trim() === "") {
      setProblem("Paste the admin token first.");
      field.current?.focus();
      return;
    }
    setBusy(true);
    const outcome = await signIn(token.trim());
    setBusy(false);
    if (outcome.ok) return;
    setProblem(outcome.message);
    field.current?.focus();
  }

  const notice = session.kind === "signedOut" ? session.notice : null;
  return (
    <main className={classes.root}>
      <form className={classes.card} onSubmit={(event) => void submit(event)} noValidate>
        <Brand size={34} />
        <h1 className={classes.title}>Sign in to the console</h1>
        <p className={classes.text}>
          Use the admin token that <code>npm start</code> printed, or the one from your configuration.
        </p>
        {notice !== null && (
          <p className={classes.notice} role="status">
            <Icon name="info" /> {notice}
          </p>
        )}
        <PasswordInput
          ref={field}
          label="Admin token"
          value={token}
          onChange={(event) => {
            setToken(event.currentTarget.value);
            setProblem(null);
          }}
          error={problem}
          autoComplete="off"
          spellCheck={false}
          size="md"
          visibilityToggleButtonProps={{ "aria-label": "Show or hide the token" }}
        />
        <Button type="submit" size="md" fullWidth loading={busy}>
          Sign in
        </Button>
        <p className={classes.foot}>
          The token is exchanged for a session cookie that scripts cannot read. It is not stored in this
          browser.
        </p>
      </form>
    </main>
  );
}
