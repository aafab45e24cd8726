/** Refusals of a change, found by the input's field: the form shows each beside what caused it. */

export interface UserErrorLike {
  /** From the argument inwards: `["input", "routes", "2", "path"]`. */
  readonly field?: readonly string[] | null;
  readonly code: string;
  readonly message: string;
}

export class FieldErrors {
  static readonly none = new FieldErrors([]);
  readonly #errors: readonly { readonly path: string; readonly message: string; readonly code: string }[];

  constructor(errors: readonly UserErrorLike[]) {
    this.#errors = errors.map((error) => ({
      path: (error.field ?? []).filter((part, index) => index > 0 || part !== "input").join("."),
      message: error.message,
      code: error.code,
    }));
  }

  /** From a form's errors by field; see `toForm`. */
  static fromForm(errors: Readonly<Record<string, unknown>>): FieldErrors {
    const entries = Object.entries(errors);
    if (entries.length === 0) return FieldErrors.none;
    return new FieldErrors(
      entries.map(([path, message]) => ({ field: path.split("."), code: "", message: String(message) })),
    );
  }

  /** One message for each field. */
  toForm(): Record<string, string> {
    return Object.fromEntries(this.#errors.map(({ path }) => [path, this.at(path) ?? ""]));
  }

  get any(): boolean {
    return this.#errors.length > 0;
  }

  get all(): readonly { readonly path: string; readonly message: string }[] {
    return this.#errors;
  }

  /** Messages of exactly this field, e.g. `routes.2.path`. */
  at(path: string): string | null {
    const messages = this.#errors.filter((error) => error.path === path).map((error) => error.message);
    return messages.length === 0 ? null : messages.join(" ");
  }

  /** The first message of anything below the field. */
  under(path: string): string | null {
    return this.#errors.find((error) => error.path.startsWith(`${path}.`))?.message ?? null;
  }

  /** Those of the field and of all below it, with paths from there on; the field itself is "". */
  below(path: string): FieldErrors {
    const below = this.#errors.filter((error) => error.path === path || error.path.startsWith(`${path}.`));
    if (below.length === 0) return FieldErrors.none;
    return new FieldErrors(
      below.map(({ path: each, code, message }) => ({ field: [each.slice(path.length + 1)], code, message })),
    );
  }

  /** Messages that belong to none of the fields a form shows. */
  elsewhere(shown: (path: string) => boolean): readonly string[] {
    return this.#errors.filter((error) => !shown(error.path)).map((error) => error.message);
  }

  has(code: string): boolean {
    return this.#errors.some((error) => error.code === code);
  }

  /** Without one field and all below it, once somebody edits it. */
  without(path: string): FieldErrors {
    return this.#filtered((each) => each !== path && !each.startsWith(`${path}.`));
  }

  #filtered(keep: (path: string) => boolean): FieldErrors {
    const kept = this.#errors.filter((error) => keep(error.path));
    if (kept.length === this.#errors.length) return this;
    return new FieldErrors(
      kept.map(({ path, code, message }) => ({ field: path.split("."), code, message })),
    );
  }
}
