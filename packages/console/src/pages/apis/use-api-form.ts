/** The API form's state: content and refusals together, so that an edit takes away the refusals of what it edits. */
import { useCallback, useReducer } from "react";
import { FieldErrors } from "../../graphql/user-errors.js";
import { type ApiFormChange, type ApiFormValue, changeApiForm } from "./api-form-state.js";

interface State {
  readonly value: ApiFormValue;
  readonly errors: FieldErrors;
}

type Action = ApiFormChange | { readonly kind: "refuse"; readonly errors: FieldErrors };

export interface ApiForm extends State {
  readonly change: (change: ApiFormChange) => void;
  readonly refuse: (errors: FieldErrors) => void;
}

export function useApiForm(initial: () => ApiFormValue): ApiForm {
  const [state, dispatch] = useReducer(reduce, null, () => ({ value: initial(), errors: FieldErrors.none }));
  const refuse = useCallback((errors: FieldErrors) => dispatch({ kind: "refuse", errors }), []);
  return { ...state, change: dispatch, refuse };
}

function reduce(state: State, action: Action): State {
  if (action.kind === "refuse") return { ...state, errors: action.errors };
  return { value: changeApiForm(state.value, action), errors: errorsAfter(state, action) };
}

function errorsAfter({ value, errors }: State, change: ApiFormChange): FieldErrors {
  if (!errors.any) return errors;
  switch (change.kind) {
    case "set":
      return Object.keys(change.fields).reduce((left, name) => left.without(name), errors);
    case "setRoute": {
      const index = value.routes.findIndex((row) => row.key === change.key);
      return Object.keys(change.fields).reduce(
        (left, name) => left.without(`routes.${index}.${name === "integration" ? "integrationId" : name}`),
        errors,
      );
    }
    case "addRoute":
      return errors;
    // Rows have new places: which row a refusal meant is no longer known.
    case "removeRoute":
    case "moveRoute":
      return errors.without("routes");
    case "replace":
      return FieldErrors.none;
  }
}
