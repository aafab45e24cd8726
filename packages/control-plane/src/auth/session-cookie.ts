/**
 * The cookie of a console session. Over HTTPS it has the `__Host-` prefix: browsers take it only from this very host,
 * and no other host or subdomain can set it. Without TLS browsers refuse that prefix.
 */
import type { IncomingHttpHeaders } from "node:http";
import { HOST_PREFIX, SESSION_COOKIE } from "@latchkey/core";

/** 32 bytes in base64url. */
const VALUE = /^[A-Za-z0-9_-]{43}$/;

export class SessionCookie {
  readonly #isSecure: boolean;
  readonly #name: string;

  /** `isSecure`: browsers reach the console over HTTPS. */
  constructor(isSecure: boolean) {
    this.#isSecure = isSecure;
    this.#name = isSecure ? HOST_PREFIX + SESSION_COOKIE : SESSION_COOKIE;
  }

  /** The value a request brings, or null. */
  read(headers: IncomingHttpHeaders): string | null {
    for (const pair of (headers.cookie ?? "").split(";")) {
      const [name, value] = pair.trim().split("=", 2);
      if (name === this.#name && value !== undefined && VALUE.test(value)) return value;
    }
    return null;
  }

  /** A `Set-Cookie` field; an instant in the past removes it. */
  write(value: string, expiresAtMs: number): string {
    const expires = new Date(expiresAtMs).toUTCString();
    const secure = this.#isSecure ? "; Secure" : "";
    return `${this.#name}=${value}; Path=/; HttpOnly; SameSite=Strict; Expires=${expires}${secure}`;
  }
}
