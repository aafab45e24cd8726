/** What can be done to a key besides its form. Each receipt is followed under the key's id and, named, under the API's. */
import { useCallback } from "react";
import { useMutation } from "urql";
import { DeleteApiKeyDocument } from "../../gen/key-actions.js";
import { UpdateApiKeyDocument, type UpdateApiKeyMutationVariables } from "../../gen/keys.js";
import { touching } from "../../graphql/touched.js";
import { useTrackReceipt } from "../../receipts/receipt-store.js";
import { keyReceiptsOf } from "../../receipts/receipt-subjects.js";
import { clearToast } from "../../ui/toasts.js";
import { problemOf, refuseKeyAction } from "./key-problem.js";
import { useRevealKey } from "./use-reveal-key.js";

export interface KeyRef {
  readonly id: string;
  readonly name: string;
}

type KeyChange = Omit<UpdateApiKeyMutationVariables["input"], "id">;

export interface KeyActions {
  /** True when it was done. */
  readonly setActive: (key: KeyRef, active: boolean) => Promise<boolean>;
  readonly setMode: (key: KeyRef, mode: "HEADER" | "WEBHOOK") => Promise<boolean>;
  readonly remove: (key: KeyRef) => Promise<boolean>;
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
      if (payload === undefined || problem !== null) return refuseKeyAction(key, problem);
      clearToast(key.id);
      track(key.id, payload.revision);
      track(keyReceiptsOf(apiId), payload.revision, what);
      return true;
    },
    [apiId, track, updateKey],
  );

  const setActive = useCallback<KeyActions["setActive"]>(
    (key, active) => update(key, { active }, `Key “${key.name}” ${active ? "enabled" : "disabled"}`),
    [update],
  );

  const setMode = useCallback<KeyActions["setMode"]>(
    (key, mode) =>
      update(key, { mode }, `Key “${key.name}” is now a ${mode === "WEBHOOK" ? "webhook" : "header"} key`),
    [update],
  );

  const remove = useCallback<KeyActions["remove"]>(
    async (key) => {
      const { data, error } = await deleteKey({ input: { id: key.id } }, touching("ApiKey"));
      const payload = data?.deleteApiKey;
      const problem = problemOf(payload?.userErrors, error, `“${key.name}” was not deleted.`);
      if (payload === undefined || problem !== null) return refuseKeyAction(key, problem);
      clearToast(key.id);
      track(keyReceiptsOf(apiId), payload.revision, `Key “${key.name}” deleted`);
      return true;
    },
    [apiId, track, deleteKey],
  );

  return { setActive, setMode, remove, reveal };
}
