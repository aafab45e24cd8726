/** The outcome of an update, from the mutation's result. */
import type { CombinedError } from "urql";
import type { UserErrorLike } from "../graphql/user-errors.js";
import { failureText } from "../ui/failure.js";
import type { SaveOutcome } from "./use-versioned-form.js";

export function saveOutcome<Stored>(
  payload: { readonly userErrors: readonly UserErrorLike[] } | undefined,
  stored: Stored | null | undefined,
  error: CombinedError | undefined,
): SaveOutcome<Stored> {
  if (payload !== undefined && stored != null && payload.userErrors.length === 0)
    return { kind: "saved", stored };
  if (payload !== undefined) return { kind: "refused", errors: payload.userErrors };
  return { kind: "failed", message: error === undefined ? "Nothing was saved." : failureText(error) };
}
