/** Credentials as GraphQL shows them. The settings of a kind are shown and taken in one form. No secret is a field. */
import type { ClientAuthentication, CredentialKind } from "@latchkey/snapshot";
import { GraphQLDateTime } from "graphql-scalars";
import { Field, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import { connectionType } from "../../graphql/connection.js";
import { make, NodeInterface } from "../../graphql/relay-node.js";
import type { Credential, SettingsOf } from "./credential.js";

export const CredentialKindEnum = {
  HEADER: "header",
  QUERY: "query",
  BASIC: "basic",
  OAUTH_CLIENT_CREDENTIALS: "oauth",
  MUTUAL_TLS: "mutual-tls",
  AWS_SIGV4: "aws",
} as const satisfies Record<string, CredentialKind>;
registerEnumType(CredentialKindEnum, {
  name: "CredentialKind",
  description: "How an integration logs in to its target.",
  valuesConfig: {
    HEADER: { description: "The secret is the value of a header." },
    QUERY: { description: "The secret is the value of a query parameter." },
    BASIC: { description: "User name and password (RFC 7617)." },
    OAUTH_CLIENT_CREDENTIALS: {
      description: "A bearer token that each node gets from a token server (RFC 6749, section 4.4).",
    },
    MUTUAL_TLS: { description: "A client certificate; the secret is its private key." },
    AWS_SIGV4: {
      description: "AWS Signature Version 4 of each request; the secret is the secret access key.",
    },
  },
});

const ClientAuthenticationEnum = {
  CLIENT_SECRET_BASIC: "client-secret-basic",
  CLIENT_SECRET_POST: "client-secret-post",
  PRIVATE_KEY_JWT: "private-key-jwt",
} as const satisfies Record<string, ClientAuthentication>;
registerEnumType(ClientAuthenticationEnum, {
  name: "ClientAuthentication",
  description: "How a node shows the token server who asks.",
  valuesConfig: {
    CLIENT_SECRET_BASIC: {
      description: "Client id and secret in `Authorization: Basic` (RFC 6749, section 2.3.1).",
    },
    CLIENT_SECRET_POST: { description: "Client id and secret in the body." },
    PRIVATE_KEY_JWT: { description: "An assertion signed with a private key (RFC 7523)." },
  },
});

@ObjectType("HeaderCredential", { description: "A header with the secret as its value." })
@InputType("HeaderCredentialInput", { description: "A header with the secret as its value." })
export class HeaderSettings implements SettingsOf<"header"> {
  @Field(() => String, { description: "Name of the header: `X-Api-Key`." })
  name!: string;
}

@ObjectType("QueryCredential", { description: "A query parameter with the secret as its value." })
@InputType("QueryCredentialInput", { description: "A query parameter with the secret as its value." })
export class QuerySettings implements SettingsOf<"query"> {
  @Field(() => String, { description: "Name of the parameter." })
  name!: string;
}

@ObjectType("BasicCredential", { description: "User name and password; the secret is the password." })
@InputType("BasicCredentialInput", { description: "User name and password; the secret is the password." })
export class BasicSettings implements SettingsOf<"basic"> {
  @Field(() => String, { description: "The user name." })
  userName!: string;
}

@ObjectType("OAuthCredential", { description: "OAuth 2.0 client credentials." })
@InputType("OAuthCredentialInput", { description: "OAuth 2.0 client credentials." })
export class OAuthSettingsType implements SettingsOf<"oauth"> {
  @Field(() => String, {
    description: "Where nodes ask for tokens: http or https, by the rules of an integration's URL.",
  })
  tokenUrl!: string;

  @Field(() => String, { description: "The client id." })
  clientId!: string;

  @Field(() => ClientAuthenticationEnum, { description: "How a node shows who asks." })
  clientAuthentication!: ClientAuthentication;

  @Field(() => String, { defaultValue: "", description: "`scope` of the token request; empty: not sent." })
  scope!: string;

  @Field(() => String, { defaultValue: "", description: "`audience` of the token request; empty: not sent." })
  audience!: string;

  @Field(() => String, {
    defaultValue: "",
    description: "`resource` of the token request (RFC 8707); empty: not sent.",
  })
  resource!: string;

  @Field(() => String, {
    defaultValue: "",
    description: "`kid` of the assertion of PRIVATE_KEY_JWT; empty: none.",
  })
  keyId!: string;
}

@ObjectType("MutualTlsCredential", { description: "A client certificate, and how the target's is checked." })
@InputType("MutualTlsCredentialInput", {
  description: "A client certificate, and how the target's is checked.",
})
export class MutualTlsSettingsType implements SettingsOf<"mutual-tls"> {
  @Field(() => String, {
    defaultValue: "",
    description:
      "The certificate as PEM, followed by those that sign it; empty: the secret holds it beside the private key.",
  })
  certificate!: string;

  @Field(() => String, {
    defaultValue: "",
    description: "PEM of the authorities that sign the target's certificate; empty: those that nodes trust.",
  })
  ca!: string;

  @Field(() => String, {
    defaultValue: "",
    description: "The name in the target's certificate, which is also sent as SNI; empty: the URL's host.",
  })
  serverName!: string;
}

@ObjectType("AwsCredential", { description: "What requests are signed for and with." })
@InputType("AwsCredentialInput", { description: "What requests are signed for and with." })
export class AwsSettingsType implements SettingsOf<"aws"> {
  @Field(() => String, { description: "The region: `eu-north-1`." })
  region!: string;

  @Field(() => String, { description: "The service's name in signatures: `execute-api`, `s3`." })
  service!: string;

  @Field(() => String, { description: "The access key id." })
  accessKeyId!: string;
}

@ObjectType("Credential", {
  implements: NodeInterface,
  description:
    "What integrations of a subscription log in to their targets with. Its secret can be set and replaced, and never be read.",
})
export class CredentialType extends NodeInterface {
  /** For the field resolver. */
  subscriptionId!: string;

  @Field(() => String, { description: "What people call it." })
  name!: string;

  @Field(() => CredentialKindEnum, { description: "How integrations log in with it." })
  kind!: CredentialKind;

  @Field(() => HeaderSettings, { nullable: true, description: "Of kind HEADER." })
  header!: HeaderSettings | null;

  @Field(() => QuerySettings, { nullable: true, description: "Of kind QUERY." })
  query!: QuerySettings | null;

  @Field(() => BasicSettings, { nullable: true, description: "Of kind BASIC." })
  basic!: BasicSettings | null;

  @Field(() => OAuthSettingsType, { nullable: true, description: "Of kind OAUTH_CLIENT_CREDENTIALS." })
  oauth!: OAuthSettingsType | null;

  @Field(() => MutualTlsSettingsType, { nullable: true, description: "Of kind MUTUAL_TLS." })
  mutualTls!: MutualTlsSettingsType | null;

  @Field(() => AwsSettingsType, { nullable: true, description: "Of kind AWS_SIGV4." })
  aws!: AwsSettingsType | null;

  @Field(() => String, {
    nullable: true,
    description: "Where nodes find the secret: `env:NAME` or `file:/path`; null: it was entered.",
  })
  secretReference!: string | null;

  @Field(() => GraphQLDateTime, { description: "When the secret, or the reference to it, was last set." })
  secretSetAt!: Date;

  @Field(() => Int, { description: "Grows by one with each change; pass it as `expectedVersion`." })
  version!: number;

  @Field(() => GraphQLDateTime, { description: "When it was made." })
  createdAt!: Date;

  @Field(() => GraphQLDateTime, { description: "When it was last changed." })
  updatedAt!: Date;
}

export function toCredentialType(credential: Credential): CredentialType {
  const { scheme, secret } = credential;
  return make(CredentialType, {
    id: credential.id,
    subscriptionId: credential.subscriptionId,
    name: credential.name,
    kind: scheme.kind,
    header: scheme.kind === "header" ? scheme : null,
    query: scheme.kind === "query" ? scheme : null,
    basic: scheme.kind === "basic" ? scheme : null,
    oauth: scheme.kind === "oauth" ? scheme : null,
    mutualTls: scheme.kind === "mutual-tls" ? scheme : null,
    aws: scheme.kind === "aws" ? scheme : null,
    secretReference: secret.kind === "reference" ? secret.reference : null,
    secretSetAt: new Date(credential.secretSetAtMs),
    version: credential.version,
    createdAt: new Date(credential.createdAtMs),
    updatedAt: new Date(credential.updatedAtMs),
  });
}

export const CredentialConnection = connectionType(CredentialType, "Credential", "credentials");
