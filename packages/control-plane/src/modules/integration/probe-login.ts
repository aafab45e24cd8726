/**
 * What a connection test sends of an integration's credentials. The control plane can read the secrets that were entered; what
 * is referenced only nodes can read, and only they get tokens. What is left out is in the result, so that a 401 explains itself.
 */

import type { ConnectionOptions } from "node:tls";
import { AwsSigner, EMPTY_BODY_DIGEST } from "@latchkey/core";
import type { Credential } from "../credential/credential.js";

export interface ProbeRequest {
  readonly method: string;
  readonly path: string;
  readonly host: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A credential that a test goes without. */
export interface UnsentCredential {
  readonly name: string;
  /** A sentence. */
  readonly reason: string;
}

export interface ProbeLogin {
  /** Of the TLS connection. */
  readonly tls: ConnectionOptions;
  /** The request with what the credentials add. */
  apply(request: ProbeRequest): ProbeRequest;
  readonly notSent: readonly UnsentCredential[];
}

export const NO_LOGIN: ProbeLogin = { tls: {}, apply: (request) => request, notSent: [] };

/** @param secretOf null: only nodes can read it */
export async function probeLogin(
  credentials: readonly Credential[],
  secretOf: (credential: Credential) => Promise<string | null>,
): Promise<ProbeLogin> {
  let login = NO_LOGIN;
  // Signatures are over what the others add.
  for (const credential of [...credentials].sort((a, b) => rankOf(a) - rankOf(b)))
    login = withCredential(login, credential, await secretOf(credential));
  return login;
}

function rankOf({ scheme }: Credential): number {
  return scheme.kind === "aws" ? 1 : 0;
}

function withCredential(login: ProbeLogin, { name, scheme }: Credential, secret: string | null): ProbeLogin {
  const without = (reason: string): ProbeLogin => ({
    ...login,
    notSent: [...login.notSent, { name, reason }],
  });
  const adding = (add: (request: ProbeRequest) => ProbeRequest): ProbeLogin => ({
    ...login,
    apply: (request) => add(login.apply(request)),
  });
  if (scheme.kind === "oauth") return without("Only nodes get its tokens.");
  if (secret === null) return without("Only nodes can read its secret.");
  switch (scheme.kind) {
    case "header":
      return adding((request) => withHeaders(request, { [scheme.name]: secret }));
    case "basic": {
      const text = Buffer.from(`${scheme.userName}:${secret}`).toString("base64");
      return adding((request) => withHeaders(request, { authorization: `Basic ${text}` }));
    }
    case "query": {
      const pair = `${encodeURIComponent(scheme.name)}=${encodeURIComponent(secret)}`;
      return adding((request) => ({
        ...request,
        path: `${request.path}${request.path.includes("?") ? "&" : "?"}${pair}`,
      }));
    }
    case "mutual-tls": {
      const { certificate, ca, serverName } = scheme;
      const cert = certificate === "" ? secret : certificate;
      const own = { cert, key: secret, ...(ca !== "" && { ca }) };
      return { ...login, tls: { ...own, ...(serverName !== "" && { servername: serverName }) } };
    }
    case "aws": {
      const signer = new AwsSigner(scheme, secret);
      return adding((request) => {
        const headers = [Object.entries(request.headers).flat()];
        const [, date = "", , digest = "", , authorization = ""] = signer.sign(
          { ...request, headers },
          EMPTY_BODY_DIGEST,
          Date.now(),
        );
        return withHeaders(request, { "x-amz-date": date, "x-amz-content-sha256": digest, authorization });
      });
    }
  }
}

function withHeaders(request: ProbeRequest, headers: Readonly<Record<string, string>>): ProbeRequest {
  return { ...request, headers: { ...request.headers, ...headers } };
}
