/** Puts an error of the input beside the form's field that caused it. */
import type { UserErrorLike } from "../graphql/user-errors.js";

/** `formField`: the form's field for a field of the input. */
export function withFormField(
  error: UserErrorLike,
  formField: ((path: string) => string) | undefined,
): UserErrorLike {
  if (formField === undefined) return error;
  const path = (error.field ?? []).filter((part, index) => index > 0 || part !== "input").join(".");
  return { ...error, field: formField(path).split(".") };
}
