/** What the access log can say of one request. No header's value, no value of a query, no key, no body. */
export interface AccessEntry {
  /** When the request was over: milliseconds since 1970. */
  readonly atMs: number;
  readonly interchangeId: string;
  readonly clientAddress: string;
  readonly method: string;
  readonly path: string;
  /** As it came. Only names of it are written. */
  readonly query: string;
  readonly status: number;
  /** Of the gateway's own response. */
  readonly code: string;
  readonly apiId: string;
  readonly routeId: string;
  readonly keyId: string;
  readonly integrationId: string;
  readonly durationUs: number;
  readonly gatewayUs: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** Of the gateway's span; empty: the request is not traced. */
  readonly traceId: string;
  readonly spanId: string;
}

/** A request that the front refused: nothing of it was read that could be said. */
export function refusedEntry(refused: {
  readonly atMs: number;
  readonly interchangeId: string;
  readonly address: string;
  readonly status: number;
  readonly code: string;
}): AccessEntry {
  const { address: clientAddress, ...known } = refused;
  return {
    ...known,
    clientAddress,
    method: "",
    path: "",
    query: "",
    apiId: "",
    routeId: "",
    keyId: "",
    integrationId: "",
    durationUs: 0,
    gatewayUs: 0,
    requestBytes: 0,
    responseBytes: 0,
    traceId: "",
    spanId: "",
  };
}

/** Names of the fields in the order in which they are written. */
export const accessFields = [
  "time",
  "node",
  "interchangeId",
  "client",
  "method",
  "path",
  "query",
  "status",
  "code",
  "api",
  "route",
  "key",
  "integration",
  "durationMs",
  "gatewayMs",
  "requestBytes",
  "responseBytes",
  "traceId",
  "spanId",
] as const;
export type AccessField = (typeof accessFields)[number];

/** All but the names of the query: clients that make mistakes write secrets there. */
export const defaultAccessFields: readonly AccessField[] = accessFields.filter((field) => field !== "query");

export const accessFormats = ["json", "combined"] as const;
export type AccessFormat = (typeof accessFormats)[number];
