/** Exchanges the admin token for a session cookie. The token leaves the form in one request and is kept nowhere. */
import { Button, PasswordInput } from "@mantine/core";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { signIn } from "./session-store.js";
import classes from "./sign-in.module.css";

export function SignInForm() {
  const [token, setToken] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    // In a dialog the page's own form is around this one for React.
    event.stopPropagation();
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

  return (
    <form className={classes.form} onSubmit={(event) => void submit(event)} noValidate>
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
        data-autofocus
        visibilityToggleButtonProps={{ "aria-label": "Show or hide the token" }}
      />
      <Button type="submit" size="md" fullWidth loading={isBusy}>
        Sign in
      </Button>
    </form>
  );
}
