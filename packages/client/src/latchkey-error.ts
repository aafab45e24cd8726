/** A request that the control plane did not carry out. User errors of a mutation are data, not this. */
export interface GraphqlError {
  readonly message: string;
  readonly extensions?: { readonly code?: string };
}

export class LatchkeyError extends Error {
  override readonly name = "LatchkeyError";
  /** HTTP status; null when there was no response. */
  readonly status: number | null;
  readonly errors: readonly GraphqlError[];

  constructor(
    message: string,
    status: number | null,
    errors: readonly GraphqlError[] = [],
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.status = status;
    this.errors = errors;
  }
}
