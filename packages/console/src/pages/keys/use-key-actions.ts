/**
 * What can be done to a key besides its form. Each receipt is followed under the key's id and, named, under the API's.
 * Each action gives null, or why it was not done.
 */
import { useCallback, useMemo } from "react";
import { useMutation } from "urql";
import { DeleteApiKeyDocument } from "../../gen/key-actions.js";
import { UpdateApiKeyDocument, type UpdateApiKeyMutationVariables } from "../../gen/keys.js";
import { problemOf } from "../../graphql/problem-of.js";
import { touching } from "../../graphql/touched.js";
import { useTrackReceipt } from "../../receipts/receipt-store.js";
import { keyReceiptsOf } from "../../receipts/receipt-subjects.js";
import { clearToast } from "../../ui/toasts.js";
import type { KeyRef } from "./key-ref.js";
import { useRevealKey } from "./use-reveal-key.js";

type KeyChange = Omit<UpdateApiKeyMutationVariables["input"], "id">;

export interface KeyActions {
  readonly setActive: (key: KeyRef, active: boolean) => Promise<string | null>;
  readonly setMode: (key: KeyRef, mode: "HEADER" | "WEBHOOK") => Promise<string | null>;
  readonly remove: (key: KeyRef) => Promise<string | null>;
  /** The secret, or null with a message shown. */
  readonly reveal: (key: KeyRef) => Promise<string | null>;
}

export function useKeyActions(apiId: string): KeyActions {
  const track = useTrackReceipt();
  const [, updateKey] = useMutation(UpdateApiKeyDocument);
  const [, deleteKey] = useMutation(DeleteApiKeyDocument);
  const reveal = useRevealKey();

  const update = useCallback(
    async (key: KeyRef, change: KeyChange, what: string) => {
      const { data, error } = await updateKey({ input: { id: key.id, ...change } });
      const payload = data?.updateApiKey;
      const problem = problemOf(payload?.userErrors, error, `“${key.name}” was not changed.`);
      if (payload === undefined || problem !== null) return problem ?? "Nothing was changed.";
      clearToast(key.id);
      track(key.id, payload.revision, { saved: payload.key });
      track(keyReceiptsOf(apiId), payload.revision, { what });
      return null;
    },
    [apiId, track, updateKey],
  );

  const remove = useCallback<KeyActions["remove"]>(
    async (key) => {
      const { data, error } = await deleteKey({ input: { id: key.id } }, touching("ApiKey"));
      const payload = data?.deleteApiKey;
      const problem = problemOf(payload?.userErrors, error, `“${key.name}” was not deleted.`);
      if (payload === undefined || problem !== null) return problem ?? "Nothing was deleted.";
      clearToast(key.id);
      track(keyReceiptsOf(apiId), payload.revision, { what: `Key “${key.name}” deleted` });
      return null;
    },
    [apiId, track, deleteKey],
  );

  return useMemo(
    () => ({
      setActive: (key, active) =>
        update(key, { active }, `Key “${key.name}” ${active ? "enabled" : "disabled"}`),
      setMode: (key, mode) =>
        update(key, { mode }, `Key “${key.name}” is now a ${mode === "WEBHOOK" ? "webhook" : "header"} key`),
      remove,
      reveal,
    }),
    [update, remove, reveal],
  );
}
