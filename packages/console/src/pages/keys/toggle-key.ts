/** Disables or enables a key and offers to take it back. */
import { toast } from "../../ui/toasts.js";
import { toastWithUndo } from "../../ui/undo-toast.js";
import type { KeyRef } from "./key-ref.js";
import type { KeyActions } from "./use-key-actions.js";

export async function toggleKey(
  actions: Pick<KeyActions, "setActive">,
  key: KeyRef & { readonly active: boolean },
): Promise<void> {
  const problem = await actions.setActive(key, !key.active);
  if (problem !== null) return toast(problem, "bad", key.id);
  const done = `“${key.name}” is ${key.active ? "disabled" : "enabled"}`;
  toastWithUndo(done, () => actions.setActive(key, key.active), key.id);
}
