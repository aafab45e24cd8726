/** Why a change was not made, as one sentence for a message. */
import { failureText } from "../ui/failure.js";

/** Null when the change was made. */
export function problemOf(
  userErrors: readonly { readonly message: string }[] | undefined,
  error: Error | undefined,
  otherwise = "Nothing was changed.",
): string | null {
  if (userErrors === undefined) return error === undefined ? otherwise : failureText(error);
  return userErrors[0]?.message ?? null;
}
