/**
 * The token of an `Authorization: Bearer` header (RFC 6750 §2.1). What the token is worth is for others to say.
 * @returns null for no header and for another scheme; empty when the token is malformed
 */
export function bearerToken(authorization: string | undefined): string | null {
  if (authorization === undefined || !/^Bearer(?: |$)/i.test(authorization)) return null;
  return /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i.exec(authorization)?.[1] ?? "";
}
