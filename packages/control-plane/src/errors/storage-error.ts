/** Errors of the database that callers tell apart by `code`. The dialect files map driver errors to these. */

export type StorageErrorCode =
  /** No space left: nothing was written; reads go on. */
  | "full"
  /** Another process holds the database; the same transaction may pass later. */
  | "busy"
  /** Read-only file system or I/O error. */
  | "unavailable"
  /** The file is not a sound Latchkey database. Never repaired or replaced by itself. */
  | "damaged"
  /** Written by a newer release. */
  | "newer"
  /** The engine itself is unfit. */
  | "engine";

export class StorageError extends Error {
  override readonly name = "StorageError";
  readonly code: StorageErrorCode;

  constructor(code: StorageErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
