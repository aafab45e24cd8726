/**
 * One question to the name servers: the A and AAAA records of a name and of its search domains, by c-ares, which uses no
 * thread of the pool. Caches nothing.
 */
import type { RecordWithTtl } from "node:dns";
import { namesToTry, type SearchRules } from "./resolv-conf.js";

/** What of `dns.Resolver` is used. */
export interface DnsClient {
  resolve4(name: string, options: { ttl: true }, callback: Callback): void;
  resolve6(name: string, options: { ttl: true }, callback: Callback): void;
  /** Its questions fail. */
  cancel(): void;
}

type Callback = (error: NodeJS.ErrnoException | null, records: RecordWithTtl[]) => void;

/** `none`: the name exists without such records, or not at all. `failed`: no name server said anything of use. */
export type FamilyResult =
  | { readonly kind: "addresses"; readonly addresses: readonly string[]; readonly ttlSeconds: number }
  | { readonly kind: "none" }
  | { readonly kind: "failed"; readonly code: string };

export interface QueryResult {
  readonly ipv4: FamilyResult;
  readonly ipv6: FamilyResult;
}

/** Codes of c-ares for: there is no such record, or there cannot be one. */
const NO_RECORD: ReadonlySet<string> = new Set(["ENOTFOUND", "ENODATA", "EBADNAME"]);

/** Of one name, so that a reply of thousands of records cannot fill the cache. */
const ADDRESSES_MAX = 64;

/**
 * Calls `onResult` once, later. Search domains are tried in order while the response is that there is no such record; a
 * failure ends the search, or a name of another domain would stand in for it.
 * @param onFirst called when one family has addresses and the other one has not replied
 */
export function queryAddresses(
  client: DnsClient,
  name: string,
  rules: SearchRules,
  onFirst: (result: FamilyResult, family: 4 | 6) => void,
  onResult: (result: QueryResult) => void,
): void {
  const names = namesToTry(name, rules);
  const next = (index: number): void => {
    queryName(client, names[index] as string, onFirst, (result) => {
      const isMissing = result.ipv4.kind === "none" && result.ipv6.kind === "none";
      if (isMissing && index + 1 < names.length) next(index + 1);
      else onResult(result);
    });
  };
  next(0);
}

function queryName(
  client: DnsClient,
  name: string,
  onFirst: (result: FamilyResult, family: 4 | 6) => void,
  onResult: (result: QueryResult) => void,
): void {
  let ipv4: FamilyResult | null = null;
  let ipv6: FamilyResult | null = null;
  client.resolve4(name, { ttl: true }, (error, records) => {
    ipv4 = familyResult(error, records);
    if (ipv6 !== null) onResult({ ipv4, ipv6 });
    else if (ipv4.kind === "addresses") onFirst(ipv4, 4);
  });
  client.resolve6(name, { ttl: true }, (error, records) => {
    ipv6 = familyResult(error, records);
    if (ipv4 !== null) onResult({ ipv4, ipv6 });
    else if (ipv6.kind === "addresses") onFirst(ipv6, 6);
  });
}

function familyResult(
  error: NodeJS.ErrnoException | null,
  records: RecordWithTtl[] | undefined,
): FamilyResult {
  if (error !== null) {
    const code = error.code ?? "EFAIL";
    return NO_RECORD.has(code) ? { kind: "none" } : { kind: "failed", code };
  }
  if (records === undefined || records.length === 0) return { kind: "none" };
  let ttlSeconds = Number.POSITIVE_INFINITY;
  for (const { ttl } of records) ttlSeconds = Math.min(ttlSeconds, ttl);
  return {
    kind: "addresses",
    addresses: records.slice(0, ADDRESSES_MAX).map(({ address }) => address),
    ttlSeconds,
  };
}
