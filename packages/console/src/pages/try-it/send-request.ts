/** Sends a request through the ingress by way of the control plane's `/try`, which reaches nothing but the ingress. */
import { csrfHeaders, sessionEnded } from "../../session/session-store.js";

export interface TriedRequest {
  readonly apiId: string;
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string | null;
}

export interface MatchedRoute {
  readonly method: string;
  readonly pattern: string;
  readonly integrationId: string;
  readonly integrationName: string;
}

export interface Answer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly (readonly [string, string])[];
  /** Base64 when `isBinary`. */
  readonly body: string;
  readonly isBinary: boolean;
  readonly bodyBytes: number;
  readonly isTruncated: boolean;
  readonly firstByteMs: number;
  readonly totalMs: number;
  /** Null: the gateway answered by itself. */
  readonly matched: MatchedRoute | null;
}

export type Outcome =
  | { readonly kind: "answered"; readonly answer: Answer }
  | { readonly kind: "failed"; readonly message: string };

export async function sendRequest(request: TriedRequest): Promise<Outcome> {
  let response: Response;
  try {
    response = await fetch("/try", {
      method: "POST",
      headers: { "content-type": "application/json", ...csrfHeaders() },
      body: JSON.stringify(request),
    });
  } catch {
    return { kind: "failed", message: "The control plane cannot be reached." };
  }
  if (response.status === 401) sessionEnded();
  if (response.ok) return { kind: "answered", answer: (await response.json()) as Answer };
  const problem = (await response.json().catch(() => ({}))) as { message?: unknown };
  return {
    kind: "failed",
    message:
      typeof problem.message === "string"
        ? problem.message
        : `The control plane answered ${response.status}.`,
  };
}
