/** One side of the sandbox: an API, one of its keys, and what came back for it. */
import { useState } from "react";
import { useQuery } from "urql";
import { SandboxApiDocument, type SandboxApiQuery } from "../../gen/sandbox.js";
import { type Outcome, sendRequest } from "../try-it/send-request.js";
import { type KeySecret, useKeySecret } from "../try-it/use-key-secret.js";

export type LaneApi = NonNullable<SandboxApiQuery["api"]>;
export type LaneKey = LaneApi["keys"]["nodes"][number];

export interface Lane {
  readonly api: LaneApi | null;
  /** Chosen among the revealable; null: pasted. */
  readonly key: LaneKey | null;
  readonly keys: readonly LaneKey[];
  readonly chooseKey: (id: string) => void;
  readonly secrets: KeySecret;
  readonly outcome: Outcome | null;
  /** False when no key is at hand. */
  readonly send: (request: { method: string; path: string; body: string | null }) => Promise<boolean>;
  readonly forget: () => void;
  readonly server: SandboxApiQuery["server"] | null;
}

export const PASTED = "pasted";

export function useLane(apiId: string | null): Lane {
  const secrets = useKeySecret();
  const [choice, setChoice] = useState("");
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const [{ data }] = useQuery({
    query: SandboxApiDocument,
    variables: { id: apiId ?? "" },
    pause: apiId === null,
    requestPolicy: "cache-and-network",
  });
  const api = data?.api?.id === apiId ? (data?.api ?? null) : null;
  const keys = api?.recoverable === true ? api.keys.nodes : [];
  const key = choice === PASTED ? null : (keys.find((each) => each.id === choice) ?? keys[0] ?? null);

  return {
    api,
    key,
    keys,
    chooseKey: setChoice,
    secrets,
    outcome,
    server: data?.server ?? null,
    forget: () => setOutcome(null),
    async send(request) {
      if (api === null || data === undefined) return false;
      const secret = await secrets.secretOf(key);
      if (secret === null) return false;
      const headers: (readonly [string, string])[] = [[data.server.keyHeader, secret]];
      if (request.body !== null) headers.push(["Content-Type", "application/json"]);
      setOutcome(await sendRequest({ apiId: api.id, ...request, headers }));
      return true;
    },
  };
}
