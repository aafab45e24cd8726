/** Why an action on a key was not done, as a message about that key. */
import { failureText } from "../../ui/failure.js";
import { toast } from "../../ui/toasts.js";
import type { KeyRef } from "./use-key-actions.js";

/** Why the change was not made; null when it was. */
export function problemOf(
  userErrors: readonly { readonly message: string }[] | undefined,
  error: Error | undefined,
  otherwise: string,
): string | null {
  if (userErrors === undefined) return error === undefined ? otherwise : failureText(error);
  return userErrors[0]?.message ?? null;
}

/** The message stays until an action on the same key succeeds. */
export function refuseKeyAction(key: KeyRef, problem: string | null): false {
  toast(problem ?? "Nothing was changed.", "bad", key.id);
  return false;
}
