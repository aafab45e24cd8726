/** Reads the secret of a key that is kept recoverable. Each reading is written to the audit log. */
import { useCallback } from "react";
import { useMutation } from "urql";
import { RevealApiKeyDocument } from "../../gen/key-actions.js";
import { problemOf } from "../../graphql/problem-of.js";
import { clearToast, toast } from "../../ui/toasts.js";
import type { KeyRef } from "./key-ref.js";

/** Resolves to the secret, or to null with a message shown. */
export function useRevealKey(): (key: KeyRef) => Promise<string | null> {
  const [, revealKey] = useMutation(RevealApiKeyDocument);
  return useCallback(
    async (key) => {
      const { data, error } = await revealKey({ input: { id: key.id } });
      const payload = data?.revealApiKey;
      const secret = payload?.secret ?? null;
      if (secret === null)
        toast(problemOf(payload?.userErrors, error) ?? "The key cannot be shown.", "bad", key.id);
      else clearToast(key.id);
      return secret;
    },
    [revealKey],
  );
}
