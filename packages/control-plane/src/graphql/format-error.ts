/**
 * What of an error leaves the process. Errors made for the client pass; everything else becomes one sentence,
 * and the log gets the rest. Stack traces never leave.
 */
import { unwrapResolverError } from "@apollo/server/errors";
import { GraphQLError, type GraphQLFormattedError } from "graphql";
import { DocumentError } from "../errors/document-error.js";
import { StorageError, type StorageErrorCode } from "../errors/storage-error.js";
import { withoutValue } from "./variables.js";

/** What the public learns of a storage error; the others are internal. */
const storageSentences: {
  readonly [C in StorageErrorCode]?: {
    readonly code: string;
    readonly message: string;
    readonly retryAfterMs?: number;
  };
} = {
  full: { code: "STORAGE_FULL", message: "The control plane's disk is full: nothing was changed." },
  busy: {
    code: "STORAGE_BUSY",
    message: "The database is busy: try again in a second.",
    retryAfterMs: 1_000,
  },
  unavailable: { code: "STORAGE_UNAVAILABLE", message: "The database cannot be used now." },
};

/** Apollo's mark of this error, whose own sentence is for those who write a server. */
const INTROSPECTION_DISABLED = "INTROSPECTION_DISABLED";
const INTROSPECTION_OFF =
  "Introspection is off (graphql.introspection): use schema.graphql of this release, or set it to on.";

export interface ErrorKind {
  /** The client may see it as it is. */
  readonly isPublic: boolean;
  /** HTTP status it asks for, beyond what GraphQL over HTTP says. */
  readonly status: number | null;
  /** When it makes sense to try again. */
  readonly retryAfterMs: number | null;
  readonly original: unknown;
}

/** Tells errors made for the client from accidents. */
export function classifyError(error: unknown): ErrorKind {
  const original = unwrapResolverError(error);
  if (original instanceof StorageError) {
    const sentence = storageSentences[original.code];
    const retryAfterMs = sentence?.retryAfterMs ?? null;
    return { isPublic: false, status: sentence === undefined ? null : 503, retryAfterMs, original };
  }
  if (original instanceof DocumentError)
    return { isPublic: false, status: 503, retryAfterMs: original.retryAfterMs, original };
  // graphql-js makes errors of its own for accidents, such as a value of the wrong type; those have no code.
  const isPublic = original instanceof GraphQLError && typeof original.extensions.code === "string";
  return { isPublic, status: null, retryAfterMs: null, original };
}

export function formatError(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
  const { isPublic, original } = classifyError(error);
  const { locations, path } = formatted;
  const place = { ...(locations && { locations }), ...(path && { path }) };
  if (isPublic) {
    const isIntrospection = formatted.extensions?.validationErrorCode === INTROSPECTION_DISABLED;
    const message = isIntrospection ? INTROSPECTION_OFF : withoutValue(formatted.message);
    const { code, field } = formatted.extensions ?? {};
    return { message, ...place, extensions: { code, ...(field !== undefined && { field }) } };
  }
  if (original instanceof DocumentError) {
    const { code, message, retryAfterMs } = original;
    return { message, ...place, extensions: { code, ...(retryAfterMs !== null && { retryAfterMs }) } };
  }
  const sentence = original instanceof StorageError ? storageSentences[original.code] : undefined;
  return {
    message: sentence?.message ?? "The control plane failed. The log of the server has the details.",
    ...place,
    extensions: {
      code: sentence?.code ?? "INTERNAL_SERVER_ERROR",
      ...(sentence?.retryAfterMs !== undefined && { retryAfterMs: sentence.retryAfterMs }),
    },
  };
}
