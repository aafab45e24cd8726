/**
 * The tables as Kysely sees them. Rows stay inside `db/` and the stores: everybody else gets domain values.
 * Instants are milliseconds since 1970, booleans are 0 or 1, structured settings are JSON text.
 */
import type { Kysely, Transaction } from "kysely";
import type { OwnershipColumns } from "./ownership.js";

/** Boolean as it rests. */
export type Bit = 0 | 1;

/** One row: the newest revision. An epoch begins when the database is made or restored. */
export interface RevisionTable {
  id: 1;
  epoch: number;
  number: number;
}

/** What changed in which revision; `ordinal` counts within one. */
export interface ChangeLogTable {
  epoch: number;
  number: number;
  ordinal: number;
  kind: string;
  resource_id: string;
  op: "upsert" | "remove";
  revocation: Bit;
  at_ms: number;
}

export interface NodeTable {
  id: string;
  /** Unique. */
  name: string;
  /** SHA-256 of the node's token; null when it has none of its own. */
  token_digest: Buffer | null;
  created_at_ms: number;
  last_seen_at_ms: number | null;
  software_version: string | null;
  acked_epoch: number | null;
  acked_number: number | null;
  last_nack_at_ms: number | null;
  last_nack_reason: string | null;
  /** Of the process that was heard last. */
  instance_id: string | null;
  /** JSON: what it cannot use, up to 600 kB; null: nothing. */
  rejected: string | null;
  /** When `rejected` last changed, and what tells it from the value before. */
  rejected_at_ms: number | null;
}

export interface SubscriptionTable {
  id: string;
  name: string;
  /** `name` folded for order and search. */
  name_key: string;
  version: number;
  created_at_ms: number;
  updated_at_ms: number;
}

export interface IntegrationTable {
  id: string;
  subscription_id: string;
  name: string;
  name_key: string;
  description: string;
  /** Name, description and URLs, folded. */
  search_text: string;
  inbound_kind: string;
  /** JSON array of texts. */
  urls: string;
  method: string;
  /** JSON: limits, load balancing, health check, circuit breaker, retry. */
  policy: string;
  /** JSON: schemas, content types, examples. */
  contract: string;
  version: number;
  created_at_ms: number;
  updated_at_ms: number;
}

/** A key that encrypts the secrets of credentials, encrypted itself with the configured encryption key. */
export interface DataKeyTable {
  /** The present one is the largest. */
  id: number;
  encrypted_key: Buffer;
}

export interface CredentialTable {
  id: string;
  subscription_id: string;
  name: string;
  name_key: string;
  kind: string;
  /** JSON: what the kind has that is not secret. */
  settings: string;
  /** Under a data key; null where there is a reference. */
  encrypted_secret: Buffer | null;
  secret_reference: string | null;
  secret_set_at_ms: number;
  version: number;
  created_at_ms: number;
  updated_at_ms: number;
}

/** Which integrations use a credential: one that is used cannot be deleted. */
export interface IntegrationCredentialTable {
  integration_id: string;
  credential_id: string;
  /** In the integration's list, from 0. */
  position: number;
}

export interface ApiTable extends OwnershipColumns {
  id: string;
  subscription_id: string;
  title: string;
  title_key: string;
  summary: string;
  /** Title, summary and paths, folded. */
  search_text: string;
  version_label: string;
  recoverable: Bit;
  bearer_required: Bit;
  openapi_served: Bit;
  /** JSON: a CORS policy, or null. */
  cors: string | null;
  /** JSON: IP rules, or null. */
  policies: string | null;
  version: number;
  created_at_ms: number;
  updated_at_ms: number;
  /** JSON: the schemas that the routes' operations share, by name, or null. */
  schemas: string | null;
  /** JSON: Tag Objects of OpenAPI, or null. */
  tags: string | null;
  /** JSON: contact, license and terms of service as OpenAPI has them, or null. */
  info: string | null;
}

export interface RouteTable {
  id: string;
  api_id: string;
  position: number;
  method: string;
  /** Canonical text. */
  pattern: string;
  /** The pattern without parameter names; unique with the method in one API. */
  normalized_key: string;
  integration_id: string;
  operation_id: string;
  validate: Bit;
  /** JSON: an Operation Object of OpenAPI, or null. */
  operation: string | null;
  response_validation: "off" | "report" | "refuse";
  /** JSON: header rules, or null. */
  policies: string | null;
}

/** One row for each API that serves its document. */
export interface ServedDocumentTable {
  api_id: string;
  /** Since when something else is to be served; null: nothing is to be written. */
  stale_since_ms: number | null;
  /** Names everything that the document was made of; null: it was never written. */
  state: string | null;
  /** Release and settings that wrote it. */
  writer: string | null;
  /** Why there is no content, or null. */
  fault: "too_large" | "too_slow" | null;
  /** Of the content, uncompressed, or of the document that is too large. */
  size_bytes: number | null;
  /** JSON in UTF-8, compressed by gzip: what nodes get. */
  content: Buffer | null;
}

export interface ApiKeyTable extends OwnershipColumns {
  id: string;
  api_id: string;
  name: string;
  name_key: string;
  /** SHA-256 of the secret; unique. */
  digest: Buffer;
  /** `lk_4fZ9aQ…` */
  display: string;
  active: Bit;
  mode: "header" | "webhook";
  expires_at_ms: number | null;
  /** The secret before the last regeneration, while it overlaps. */
  previous_digest: Buffer | null;
  previous_not_after_ms: number | null;
  /** AES-256-GCM of the secret, for a recoverable API only. */
  sealed_secret: Buffer | null;
  /** JSON, or null when there is none. */
  rate_limit: string | null;
  quota: string | null;
  /** JSON: IP rules and scopes, or null. */
  policies: string | null;
  version: number;
  created_at_ms: number;
  updated_at_ms: number;
  last_used_at_ms: number | null;
}

export interface AuditLogTable {
  id: string;
  at_ms: number;
  actor: string;
  /** `api.update`, `key.reveal` … */
  action: string;
  target_kind: string;
  target_id: string;
  /** What people called the target at that time. */
  target_name: string;
  subscription_id: string | null;
  /** JSON without secrets, or null. */
  before: string | null;
  after: string | null;
  /** The revision the change made, if nodes had to know. */
  epoch: number | null;
  number: number | null;
  request_id: string | null;
  /** Of the client; null for what the control plane did by itself, and in entries of older releases. */
  address: string | null;
  /** The API that it is about, itself or one of its keys; null for others. */
  api_id: string | null;
}

/** Results of creations that carried an idempotency key. Holds ids only: a secret is never given twice. */
export interface IdempotencyTable {
  actor: string;
  idempotency_key: string;
  action: string;
  /** SHA-256 of the input. */
  input_digest: Buffer;
  target_id: string;
  created_at_ms: number;
}

/**
 * Console sessions: SHA-256 of the cookie, never the cookie. Those of older releases have no `id` and are no longer
 * valid.
 */
export interface SessionTable {
  digest: Buffer;
  id: string | null;
  actor: string;
  /** Tells which token it was opened with; see Authenticator. */
  token_binding: Buffer | null;
  /** SHA-256 of the CSRF token. */
  csrf_digest: Buffer | null;
  created_at_ms: number;
  /** Accurate to a minute. */
  last_used_at_ms: number | null;
  /** End of its longest life. */
  expires_at_ms: number;
  address: string | null;
  user_agent: string | null;
}

/** What usage is counted by: one row for each combination that was seen. */
export interface UsageSeriesTable {
  id: number;
  node_id: string;
  /** Empty without a known key; as are those below where there is none. */
  api_id: string;
  route_id: string;
  key_id: string;
  integration_id: string;
  status: number;
  error_code: string;
}

export type LatencyColumn =
  `latency_${0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13 | 14 | 15 | 16}`;

/** Sums of one series over a minute, an hour or a day. The latency buckets are those of `usage-levels.ts`. */
export interface UsageRollupTable extends Record<LatencyColumn, number> {
  /** 0: minute, 1: hour, 2: day. */
  level: number;
  series_id: number;
  start_ms: number;
  requests: number;
  request_bytes: number;
  response_bytes: number;
  /** Of the requests, those with the secret before the key's last regeneration. */
  previous_secret: number;
}

/** A time for which counts of a node are missing. */
export interface UsageGapTable {
  node_id: string;
  from_ms: number;
  to_ms: number;
  /** Requests that are not counted; null: nobody knows how many. */
  lost: number | null;
}

/** The last batch of a node's process that is in the sums. */
export interface UsageCursorTable {
  node_id: string;
  instance_id: string;
  sequence: number;
  at_ms: number;
}

export interface Database {
  revision: RevisionTable;
  change_log: ChangeLogTable;
  node: NodeTable;
  subscription: SubscriptionTable;
  integration: IntegrationTable;
  credential: CredentialTable;
  data_key: DataKeyTable;
  integration_credential: IntegrationCredentialTable;
  api: ApiTable;
  route: RouteTable;
  served_document: ServedDocumentTable;
  api_key: ApiKeyTable;
  audit_log: AuditLogTable;
  idempotency: IdempotencyTable;
  session: SessionTable;
  usage_series: UsageSeriesTable;
  usage_rollup: UsageRollupTable;
  usage_gap: UsageGapTable;
  usage_cursor: UsageCursorTable;
}

/** A connection or a transaction: what a query needs. */
export type Db = Kysely<Database>;
export type Trx = Transaction<Database>;

export function bit(value: boolean): Bit {
  return value ? 1 : 0;
}
