/** Sends a request with one or two keys, and can stop waiting for the responses. */
import { useState } from "react";
import type { RequestParts } from "./request-form.js";
import { sendRequest } from "./send-request.js";
import type { Sent } from "./try-history.js";
import { type KeyChoice, keyLabel } from "./use-key-choice.js";

export interface Sender {
  readonly isSending: boolean;
  /** Null: a key is missing, and its field says so. */
  readonly send: (request: RequestParts, choices: readonly KeyChoice[]) => Promise<readonly Sent[] | null>;
  readonly cancel: () => void;
}

/** `keyHeader`: the header that carries a key. */
export function useSender(keyHeader: string): Sender {
  const [canceler, setCanceler] = useState<AbortController | null>(null);
  return {
    isSending: canceler !== null,
    cancel: () => canceler?.abort(),
    async send(request, choices) {
      const secrets = await Promise.all(choices.map((choice) => choice.secret()));
      const known = secrets.filter((secret) => secret !== null);
      if (known.length < choices.length) return null;
      const next = new AbortController();
      setCanceler(next);
      try {
        return await Promise.all(
          choices.map(async (choice, index) => {
            const headers = [[keyHeader, known[index] ?? ""] as const, ...request.headers];
            const apiId = choice.api?.id ?? null;
            const order = { ...request, apiId: apiId ?? "", headers };
            const outcome = await sendRequest(order, next.signal);
            return { label: keyLabel(choice), apiId, key: choice.known, outcome };
          }),
        );
      } finally {
        setCanceler(null);
      }
    },
  };
}
