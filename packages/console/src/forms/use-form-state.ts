/** Values and errors of a form. An edit removes the errors of the fields that it changes. */
import { useForm } from "@mantine/form";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { FieldErrors, type UserErrorLike } from "../graphql/user-errors.js";
import { focusFirstRefused } from "./focus-refused.js";

export interface FormState<Values> {
  readonly values: Values;
  readonly errors: FieldErrors;
  /** The newest values, also between two renders. */
  readonly current: () => Values;
  /** Changes these fields and removes their errors. */
  readonly set: (fields: Partial<Values>) => void;
  /** Changes the values; `errorsAfter` says which errors stay. */
  readonly change: (
    update: (values: Values) => Values,
    errorsAfter: (errors: FieldErrors) => FieldErrors,
  ) => void;
  /** Puts other values in the place of all; no errors stay. */
  readonly replace: (values: Values) => void;
  /** Shows the errors and puts the focus into the first field that has one. */
  readonly refuse: (errors: readonly UserErrorLike[]) => void;
}

export function useFormState<Values extends object>(initial: () => Values): FormState<Values> {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the first values only
  const initialValues = useMemo(initial, []);
  // Errors are removed below: the library would remove those of all fields at each change.
  const form = useForm<Values>({ initialValues, clearInputErrorOnChange: false });
  const { setValues, setErrors } = form;
  // The library makes some of its functions anew; those given to memoized rows must stay the same.
  const latest = useRef(form);
  latest.current = form;
  const getValues = useCallback(() => latest.current.getValues(), []);
  const errors = useMemo(() => FieldErrors.fromForm(form.errors), [form.errors]);

  const change = useCallback<FormState<Values>["change"]>(
    (update, errorsAfter) => {
      setValues(update(getValues()));
      setErrors((known) => errorsAfter(FieldErrors.fromForm(known)).toForm());
    },
    [setValues, setErrors, getValues],
  );
  const set = useCallback(
    (fields: Partial<Values>) =>
      change(
        (values) => ({ ...values, ...fields }),
        (known) => Object.keys(fields).reduce((left, name) => left.without(name), known),
      ),
    [change],
  );
  const replace = useCallback(
    (values: Values) =>
      change(
        () => values,
        () => FieldErrors.none,
      ),
    [change],
  );
  const [refusals, setRefusals] = useState(0);
  const refuse = useCallback(
    (refused: readonly UserErrorLike[]) => {
      setErrors(new FieldErrors(refused).toForm());
      setRefusals((count) => count + 1);
    },
    [setErrors],
  );
  useEffect(() => {
    if (refusals > 0) focusFirstRefused();
  }, [refusals]);
  return { values: form.values, errors, current: getValues, set, change, replace, refuse };
}
