/**
 * Which API a request belongs to: the presented key, or why it is refused. No secret leaves this file; unknown
 * and not-allowed-here look alike.
 */
import type { IngressErrorCode } from "@latchkey/core";
import type { IntegrationHandle } from "../table/integration-ref.js";
import type { KeyEntry } from "../table/key-entry.js";
import type { RouteTable } from "../table/route-table.js";
import type { QueryCredential } from "./query-credential.js";
import type { RequestScan } from "./request-scan.js";

export type AccessRefusal = Extract<IngressErrorCode, "key.missing" | "key.unknown" | "request.malformed">;

export type KeyLapse = Extract<IngressErrorCode, "key.disabled" | "key.expired">;

interface ServerTime {
  serverTimeMs(): number;
}

/** What the request has beside its key. */
interface SecretUse {
  usesPreviousSecret: boolean;
}

/**
 * HOT. @param currentTable knows the control plane's time, which is asked for where a key or a secret ends
 * @param use is set when the secret is the one before the key's last regeneration
 * @returns the key, which may be disabled or expired (`lapseOf`), or the code of the refusal: tell them apart by
 *   `typeof access === "string"`
 */
export function authenticate<I extends IntegrationHandle>(
  scan: RequestScan,
  query: QueryCredential,
  table: RouteTable<I>,
  currentTable: ServerTime,
  use: SecretUse,
): KeyEntry | AccessRefusal {
  const isFromQuery = scan.key === null || scan.key === "";
  if (isFromQuery) {
    if (!query.hasFlag || query.key === null || query.key === "") return "key.missing";
    if (query.keyCount > 1) return "request.malformed";
  }
  const keyRef = isFromQuery ? table.find(query.key as string) : scan.keyRefIn(table);
  if (keyRef === null) return "key.unknown";
  const key = keyRef.key;
  if (key === null) return "key.unknown";
  if (keyRef.notAfterMs !== 0) {
    if (currentTable.serverTimeMs() >= keyRef.notAfterMs) return "key.unknown"; // the overlap is over
    use.usesPreviousSecret = true;
  }
  if (isFromQuery && !key.isWebhook) return "key.unknown";
  return key;
}

/** Why a key that is known may not be used now, or null. */
export function lapseOf(key: KeyEntry, currentTable: ServerTime): KeyLapse | null {
  if (!key.isActive) return "key.disabled";
  if (key.expiresAtMs !== 0 && currentTable.serverTimeMs() >= key.expiresAtMs) return "key.expired";
  return null;
}

/** A webhook key presented as webhooks do, by query or with its flag: their senders have no bearer token. */
export function isWebhookRequest(key: KeyEntry, scan: RequestScan): boolean {
  return key.isWebhook && (scan.hasWebhookFlag || scan.key === null || scan.key === "");
}

/** Why a request that was admitted would not be any more: its key is gone, disabled, expired, or has another secret. */
export function accessLapseOf<I extends IntegrationHandle>(
  { scan, query }: { readonly scan: RequestScan; readonly query: QueryCredential },
  currentTable: ServerTime & { readonly table: RouteTable<I> | null },
): AccessRefusal | KeyLapse | null {
  const { table } = currentTable;
  if (table === null) return null;
  const key = authenticate(scan, query, table, currentTable, { usesPreviousSecret: false });
  return typeof key === "string" ? key : lapseOf(key, currentTable);
}
