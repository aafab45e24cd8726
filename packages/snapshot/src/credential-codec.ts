/** Credentials ⇄ protobuf. */
import { err, ok, type Result } from "@latchkey/core";
import { CredentialBody, type ClientAuthentication as WireClientAuthentication } from "@latchkey/proto";
import type { ClientAuthentication, CredentialResource, CredentialScheme } from "./credential.js";
import type { DecodeError } from "./decode-error.js";
import type { ResourceRecord } from "./resource.js";

export function encodeCredential(resource: CredentialResource): Uint8Array {
  return CredentialBody.encode({
    subscriptionId: resource.subscriptionId,
    name: resource.name,
    encryptedSecret: Buffer.from(resource.secret.kind === "encrypted" ? resource.secret.ciphertext : []),
    secretReference: resource.secret.kind === "reference" ? resource.secret.reference : "",
    scheme: schemeToWire(resource.scheme),
  }).finish();
}

/** Throws when the body is no protobuf. */
export function decodeCredential(record: ResourceRecord): Result<CredentialResource, DecodeError> {
  const body = CredentialBody.decode(record.body);
  const scheme = body.scheme === undefined ? null : schemeFromWire(body.scheme);
  if (scheme === null)
    return err({ reason: "unknown kind of credential: this node is older than the control plane" });
  const { encryptedSecret, secretReference } = body;
  if ((encryptedSecret.length === 0) === (secretReference === ""))
    return err({ reason: "a credential has an encrypted secret or a reference to one" });
  return ok({
    kind: "credential",
    id: record.id,
    subscriptionId: body.subscriptionId,
    name: body.name,
    scheme,
    secret:
      secretReference === ""
        ? { kind: "encrypted", ciphertext: encryptedSecret }
        : { kind: "reference", reference: secretReference },
  });
}

/** By the number of the wire's enum; 0 is none of them. */
const clientAuthentications: readonly (ClientAuthentication | undefined)[] = [
  undefined,
  "client-secret-basic",
  "client-secret-post",
  "private-key-jwt",
];

type WireScheme = NonNullable<CredentialBody["scheme"]>;

function schemeToWire(scheme: CredentialScheme): WireScheme {
  switch (scheme.kind) {
    case "header":
      return { $case: "header", value: { name: scheme.name } };
    case "query":
      return { $case: "query", value: { name: scheme.name } };
    case "basic":
      return { $case: "basic", value: { userName: scheme.userName } };
    case "oauth": {
      const { kind: _, clientAuthentication, ...rest } = scheme;
      const number: WireClientAuthentication = clientAuthentications.indexOf(clientAuthentication);
      return { $case: "oauth", value: { ...rest, clientAuthentication: number } };
    }
    case "mutual-tls": {
      const { kind: _, ...value } = scheme;
      return { $case: "mutualTls", value };
    }
    case "aws": {
      const { kind: _, ...value } = scheme;
      return { $case: "aws", value };
    }
  }
}

/** Null: this node is too old for it. */
function schemeFromWire(scheme: WireScheme): CredentialScheme | null {
  switch (scheme.$case) {
    case "mutualTls":
      return { kind: "mutual-tls", ...scheme.value };
    case "oauth": {
      const clientAuthentication = clientAuthentications[scheme.value.clientAuthentication];
      return clientAuthentication === undefined
        ? null
        : { kind: "oauth", ...scheme.value, clientAuthentication };
    }
    case "header":
      return { kind: "header", ...scheme.value };
    case "query":
      return { kind: "query", ...scheme.value };
    case "basic":
      return { kind: "basic", ...scheme.value };
    case "aws":
      return { kind: "aws", ...scheme.value };
  }
}
