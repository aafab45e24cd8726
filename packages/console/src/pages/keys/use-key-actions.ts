/** What can be done to a key, with its messages: switched, turned into a webhook key, revealed, deleted. */
import { useCallback } from "react";
import { useClient, useMutation } from "urql";
import {
  DeleteApiKeyDocument,
  RevealApiKeyDocument,
  UpdateApiKeyDocument,
  type UpdateApiKeyMutationVariables,
} from "../../gen/key-actions.js";
import { announceReceipt } from "../../graphql/receipt.js";
import { touching } from "../../graphql/touched.js";
import { failureText } from "../../ui/failure.js";
import { toast } from "../../ui/toasts.js";

export interface KeyRef {
  readonly id: string;
  readonly name: string;
}

type KeyChange = Omit<UpdateApiKeyMutationVariables["input"], "id">;

export interface KeyActions {
  /** True when it was done. */
  readonly update: (
    key: KeyRef,
    change: KeyChange,
    said: { readonly what: string; readonly done: string },
  ) => Promise<boolean>;
  readonly setActive: (key: KeyRef, active: boolean) => Promise<boolean>;
  readonly setMode: (key: KeyRef, mode: "HEADER" | "WEBHOOK") => Promise<boolean>;
  readonly remove: (key: KeyRef) => Promise<boolean>;
  /** The secret, or null with a message shown. */
  readonly reveal: (key: KeyRef) => Promise<string | null>;
}

export function useKeyActions(): KeyActions {
  const client = useClient();
  const [, updateKey] = useMutation(UpdateApiKeyDocument);
  const [, deleteKey] = useMutation(DeleteApiKeyDocument);
  const [, revealKey] = useMutation(RevealApiKeyDocument);

  const update = useCallback<KeyActions["update"]>(
    async (key, change, said) => {
      const { data, error } = await updateKey({ input: { id: key.id, ...change } });
      const refusal = data?.updateApiKey.userErrors[0];
      if (data === undefined || refusal !== undefined) {
        toast(refusal?.message ?? (error === undefined ? "Nothing was changed." : failureText(error)), "bad");
        return false;
      }
      void announceReceipt(client, data.updateApiKey.revision, said.what, said.done);
      return true;
    },
    [client, updateKey],
  );

  const setActive = useCallback<KeyActions["setActive"]>(
    (key, active) =>
      update(
        key,
        { active },
        active
          ? { what: `“${key.name}” is active`, done: "Accepted" }
          : { what: `“${key.name}” is disabled`, done: "Refused" },
      ),
    [update],
  );

  const setMode = useCallback<KeyActions["setMode"]>(
    (key, mode) =>
      update(
        key,
        { mode },
        mode === "WEBHOOK"
          ? { what: `“${key.name}” is a webhook key`, done: "In force" }
          : { what: `“${key.name}” is a header key`, done: "In force" },
      ),
    [update],
  );

  const remove = useCallback<KeyActions["remove"]>(
    async (key) => {
      const { data, error } = await deleteKey({ input: { id: key.id } }, touching("ApiKey"));
      const refusal = data?.deleteApiKey.userErrors[0];
      if (data === undefined || refusal !== undefined) {
        toast(refusal?.message ?? (error === undefined ? "Nothing was deleted." : failureText(error)), "bad");
        return false;
      }
      void announceReceipt(client, data.deleteApiKey.revision, `“${key.name}” is deleted`, "Refused");
      return true;
    },
    [client, deleteKey],
  );

  const reveal = useCallback<KeyActions["reveal"]>(
    async (key) => {
      const { data, error } = await revealKey({ input: { id: key.id } });
      const refusal = data?.revealApiKey.userErrors[0];
      const secret = data?.revealApiKey.secret ?? null;
      if (secret === null)
        toast(
          refusal?.message ?? (error === undefined ? "The key cannot be shown." : failureText(error)),
          "bad",
        );
      return secret;
    },
    [revealKey],
  );

  return { update, setActive, setMode, remove, reveal };
}
