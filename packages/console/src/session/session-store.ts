/**
 * Whether somebody is signed in. The admin token goes to the control plane once and is forgotten; the browser keeps an
 * HttpOnly cookie that no script can read, and this module the CSRF token. The token rests in localStorage, which pages
 * of other ports and hosts cannot read, as they can get a cookie: neither is of use without the other.
 */
import { setClock } from "../ui/clock.js";
import { hasUnsavedForms } from "./unsaved-forms.js";

export interface SignedIn {
  readonly kind: "signedIn";
  readonly actor: string;
  readonly csrfToken: string;
  /** Differs after a sign-in that does not continue an expired session: nothing read before may be shown. */
  readonly generation: number;
}

/** The session ended while a form had unsaved changes: the page stays, and a sign-in continues it. */
export interface Expired {
  readonly kind: "expired";
  readonly actor: string;
  readonly generation: number;
}

export type Session =
  | { readonly kind: "asking" }
  | { readonly kind: "signedOut"; readonly notice: string | null }
  | Expired
  | SignedIn;

export type SignInOutcome = { readonly ok: true } | { readonly ok: false; readonly message: string };

/** A header that only a script of this origin can send: every change carries it. */
const CSRF_HEADER = "x-csrf-token";

/** Also read by GraphiQL. */
const CSRF_KEY = "latchkey-csrf-token";
/** Between two questions while the control plane cannot be reached. */
const AGAIN_MS = 3_000;
const UNREACHABLE = "The control plane cannot be reached.";

let session: Session = { kind: "asking" };
let generation = 0;
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

/** Follows what other windows of the console do: one session is for all of them. */
export function followOtherWindows(): void {
  window.addEventListener("storage", ({ key, newValue }) => {
    if (key !== CSRF_KEY) return;
    if (newValue === null) sessionEnded();
    else void resumeSession();
  });
}

/** Asks whether the session of an earlier visit is still good. */
export async function resumeSession(): Promise<void> {
  const csrfToken = storedToken();
  if (csrfToken === null) {
    become({ kind: "signedOut", notice: null });
    return;
  }
  try {
    const response = await askSession(csrfToken);
    if (response.status >= 500) resumeLater();
    else if (response.ok) become(await readSession(response, csrfToken));
    else if (session.kind !== "expired") become({ kind: "signedOut", notice: null });
  } catch {
    resumeLater();
  }
}

/** Nobody knows whether the session is good: it is asked again until the control plane responds. */
function resumeLater(): void {
  if (session.kind === "expired") return;
  become({ kind: "signedOut", notice: `${UNREACHABLE} Trying again…` });
  setTimeout(() => {
    if (session.kind === "signedOut") void resumeSession();
  }, AGAIN_MS);
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
    return { ok: false, message: UNREACHABLE };
  }
  if (response.status === 401)
    return { ok: false, message: "This token is not known. Check that it was copied whole." };
  if (!response.ok) return { ok: false, message: await refusalOf(response) };
  const { csrfToken } = (await response.clone().json()) as { csrfToken?: unknown };
  const given = String(csrfToken ?? "");
  storeToken(given);
  become(await readSession(response, given));
  return { ok: true };
}

export async function signOut(): Promise<void> {
  try {
    await fetch("/session", { method: "DELETE", headers: csrfHeaders() });
  } finally {
    storeToken(null);
    become({ kind: "signedOut", notice: null });
  }
}

/** The live connection was refused: asks whether the session has ended. */
export async function verifySession(): Promise<void> {
  if (session.kind !== "signedIn") return;
  const response = await askSession(session.csrfToken).catch(() => null);
  if (response?.status === 401) sessionEnded();
}

/** The control plane no longer knows the cookie. A page with unsaved changes stays. */
export function sessionEnded(): void {
  if (session.kind !== "signedIn") return;
  const { actor, generation: own } = session;
  if (hasUnsavedForms()) become({ kind: "expired", actor, generation: own });
  else become({ kind: "signedOut", notice: "Your session has ended. Sign in again to continue." });
}

/** Gives up the unsaved changes of an expired session. */
export function leaveExpired(): void {
  if (session.kind === "expired") become({ kind: "signedOut", notice: null });
}

function askSession(csrfToken: string): Promise<Response> {
  return fetch("/session", { headers: { accept: "application/json", [CSRF_HEADER]: csrfToken } });
}

async function readSession(response: Response, csrfToken: string): Promise<SignedIn> {
  setClock(response.headers.get("date"));
  const body = (await response.json()) as { actor?: unknown };
  const actor = String(body.actor ?? "admin");
  return { kind: "signedIn", actor, csrfToken, generation: continuedGeneration(actor) ?? ++generation };
}

/** That of the same person's session which this sign-in continues, or null. */
function continuedGeneration(actor: string): number | null {
  if (session.kind !== "expired" && session.kind !== "signedIn") return null;
  return session.actor === actor ? session.generation : null;
}

/** The server's own sentence: it names the cause, such as a proxy that rewrites `Host`. */
async function refusalOf(response: Response): Promise<string> {
  const body = (await response.json().catch(() => null)) as {
    errors?: readonly { message?: unknown }[];
  } | null;
  const message = body?.errors?.[0]?.message;
  return typeof message === "string" ? message : `The control plane responded with ${response.status}.`;
}

function storedToken(): string | null {
  try {
    return localStorage.getItem(CSRF_KEY);
  } catch {
    return null; // Storage is switched off: the session ends with the page.
  }
}

function storeToken(token: string | null): void {
  try {
    if (token === null) localStorage.removeItem(CSRF_KEY);
    else localStorage.setItem(CSRF_KEY, token);
  } catch {
    // As above.
  }
}
