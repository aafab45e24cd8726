/** What a user did wrong, as a value: a code from the catalog, the path of the input's field, a sentence. Not thrown across a module. */
import { err, type Result, type UserErrorCode } from "@latchkey/core";

/** The object a lost update would have overwritten. */
export interface Conflict {
  readonly currentVersion: number;
  readonly currentId: string;
}

export interface UserError {
  /** From the argument inwards: `["input", "routes", "2", "path"]`; empty when no field is to blame. */
  readonly field: readonly string[];
  readonly code: UserErrorCode;
  /** One sentence for the person who filled in the form. */
  readonly message: string;
  readonly conflict?: Conflict;
}

export type UserErrors = readonly UserError[];

export type Outcome<T> = Result<T, UserErrors>;

export function userError(
  code: UserErrorCode,
  field: readonly string[],
  message: string,
): { readonly ok: false; readonly error: UserErrors } {
  return err([{ field, code, message }]);
}

/** Absent and unknown look the same. */
export function notFound(field: readonly string[], noun: string) {
  return userError("NOT_FOUND", field, `There is no ${noun} with this id.`);
}

/** Collects every problem of a form, so that they are all shown at once. */
export class Problems {
  readonly #errors: UserError[] = [];

  add(code: UserErrorCode, field: readonly string[], message: string): void {
    this.#errors.push({ code, field, message });
  }

  addAll(errors: UserErrors): void {
    this.#errors.push(...errors);
  }

  get any(): boolean {
    return this.#errors.length > 0;
  }

  get errors(): UserErrors {
    return this.#errors;
  }

  failure(): { readonly ok: false; readonly error: UserErrors } {
    return err(this.#errors);
  }
}
