/** The API form's changes as its fields make them, on top of a form's state. */
import { useCallback } from "react";
import type { FormState } from "../../forms/use-form-state.js";
import { apiFormErrorsAfter } from "./api-form-errors.js";
import { type ApiFormChange, type ApiFormValue, changeApiForm } from "./api-form-state.js";

export function useApiFormChange({
  change,
  current,
}: Pick<FormState<ApiFormValue>, "change" | "current">): (change: ApiFormChange) => void {
  return useCallback(
    (made) => {
      const before = current();
      change(
        (value) => changeApiForm(value, made),
        (errors) => apiFormErrorsAfter(errors, before, made),
      );
    },
    [change, current],
  );
}
