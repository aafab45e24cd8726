/**
 * Whether somebody is signed in. The admin token goes to the control plane once and is forgotten; the browser keeps
 * an HttpOnly cookie that no script can read, this module only the CSRF token, in memory.
 */

export interface SignedIn {
  readonly kind: "signedIn";
  readonly actor: string;
  readonly csrfToken: string;
}

export type Session =
  | { readonly kind: "asking" }
  | { readonly kind: "signedOut"; readonly notice: string | null }
  | SignedIn;

export type SignInOutcome = { readonly ok: true } | { readonly ok: false; readonly message: string };

/** A header that only a script of this origin can send: every change carries it. */
export const CSRF_HEADER = "x-csrf-token";

let session: Session = { kind: "asking" };
const listeners = new Set<() => void>();

export function currentSession(): Session {
  return session;
}

export function onSessionChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function become(next: Session): void {
  session = next;
  for (const listener of listeners) listener();
}

/** Headers that a change must carry. */
export function csrfHeaders(): Record<string, string> {
  return session.kind === "signedIn" ? { [CSRF_HEADER]: session.csrfToken } : {};
}

/** Asks whether the cookie of an earlier visit is still good. */
export async function resumeSession(): Promise<void> {
  try {
    const response = await fetch("/session", { headers: { accept: "application/json" } });
    if (response.ok) become(await readSession(response));
    else become({ kind: "signedOut", notice: null });
  } catch {
    become({ kind: "signedOut", notice: "The control plane cannot be reached." });
  }
}

export async function signIn(token: string): Promise<SignInOutcome> {
  let response: Response;
  try {
    response = await fetch("/session", {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify({ token }),
    });
  } catch {
    return { ok: false, message: "The control plane cannot be reached." };
  }
  if (response.status === 401 || response.status === 403)
    return { ok: false, message: "This token is not known. Check that it was copied whole." };
  if (response.status === 429)
    return { ok: false, message: "Too many attempts. Wait a moment and try again." };
  if (!response.ok) return { ok: false, message: `The control plane answered ${response.status}.` };
  become(await readSession(response));
  return { ok: true };
}

export async function signOut(): Promise<void> {
  try {
    await fetch("/session", { method: "DELETE", headers: csrfHeaders() });
  } finally {
    become({ kind: "signedOut", notice: null });
  }
}

/** The live connection was refused: asks whether the session has ended. */
export async function verifySession(): Promise<void> {
  const response = await fetch("/session", { headers: { accept: "application/json" } }).catch(() => null);
  if (response?.status === 401) sessionEnded();
}

/** The control plane no longer knows the cookie. */
export function sessionEnded(): void {
  if (session.kind === "signedIn")
    become({ kind: "signedOut", notice: "Your session has ended. Sign in again to go on." });
}

async function readSession(response: Response): Promise<SignedIn> {
  const body = (await response.json()) as { actor?: unknown; csrfToken?: unknown };
  return { kind: "signedIn", actor: String(body.actor ?? "admin"), csrfToken: String(body.csrfToken ?? "") };
}
