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

export interface TriedResponse {
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
  readonly fromGateway: boolean;
  /** Null: no route takes the request. */
  readonly matched: MatchedRoute | null;
}

export type Outcome =
  | { readonly kind: "received"; readonly response: TriedResponse }
  | { readonly kind: "failed"; readonly message: string };

/** `signal`: stops waiting. What the integration began it may go on with. */
export async function sendRequest(request: TriedRequest, signal?: AbortSignal): Promise<Outcome> {
  let response: Response;
  try {
    response = await fetch("/try", {
      method: "POST",
      headers: { "content-type": "application/json", ...csrfHeaders() },
      body: JSON.stringify(request),
      ...(signal !== undefined && { signal }),
    });
  } catch {
    if (signal?.aborted === true)
      return { kind: "failed", message: "Canceled. The integration may have got the request all the same." };
    return { kind: "failed", message: "The control plane cannot be reached." };
  }
  if (response.status === 401) sessionEnded();
  if (response.ok) {
    const received = (await response.json().catch(() => null)) as TriedResponse | null;
    return received === null
      ? { kind: "failed", message: "Canceled while the response was read." }
      : { kind: "received", response: received };
  }
  const problem = (await response.json().catch(() => ({}))) as { message?: unknown };
  return {
    kind: "failed",
    message:
      typeof problem.message === "string"
        ? problem.message
        : `The control plane responded with ${response.status}.`,
  };
}
