/** Credentials as a kind. */
import type { Field, Kind } from "../kind.js";
import { textFrom, upper } from "../parsers.js";
import { column, id, subscriptionColumn } from "./shared-columns.js";
import { subscription } from "./shared-fields.js";

const credentialFields: readonly Field[] = [
  { flags: "--header <name>", description: "the secret is the value of this header", input: "header.name" },
  {
    flags: "--query <name>",
    description: "the secret is the value of this query parameter",
    input: "query.name",
  },
  { flags: "--user <name>", description: "the secret is the password of this user", input: "basic.userName" },
  { flags: "--token-url <url>", description: "OAuth: where nodes get tokens", input: "oauth.tokenUrl" },
  { flags: "--client-id <id>", description: "OAuth: the client", input: "oauth.clientId" },
  {
    flags: "--client-authentication <way>",
    description: "OAuth: how the client proves who it is",
    choices: ["client_secret_basic", "client_secret_post", "private_key_jwt"],
    input: "oauth.clientAuthentication",
    parse: upper,
  },
  { flags: "--scope <scope>", description: "OAuth: scope of the token", input: "oauth.scope", none: "" },
  {
    flags: "--audience <audience>",
    description: "OAuth: audience of the token",
    input: "oauth.audience",
    none: "",
  },
  {
    flags: "--resource <uri>",
    description: "OAuth: resource of the token",
    input: "oauth.resource",
    none: "",
  },
  { flags: "--key-id <id>", description: "OAuth: kid of private_key_jwt", input: "oauth.keyId", none: "" },
  {
    flags: "--certificate-file <path>",
    description: "mutual TLS: the client certificate as PEM; the secret is its private key",
    input: "mutualTls.certificate",
    none: "",
    parse: textFrom,
  },
  {
    flags: "--ca-file <path>",
    description: "mutual TLS: the authorities that sign the target's certificate, as PEM",
    input: "mutualTls.ca",
    none: "",
    parse: textFrom,
  },
  {
    flags: "--server-name <name>",
    description: "mutual TLS: the name in the target's certificate",
    input: "mutualTls.serverName",
    none: "",
  },
  { flags: "--region <region>", description: "AWS Signature Version 4: the region", input: "aws.region" },
  { flags: "--service <service>", description: "AWS: the service (execute-api, s3)", input: "aws.service" },
  { flags: "--access-key-id <id>", description: "AWS: the access key id", input: "aws.accessKeyId" },
  {
    flags: "--secret-file <path>",
    description: "a file with the secret; - reads standard input",
    input: "secret.value",
    parse: textFrom,
  },
  {
    flags: "--secret-reference <reference>",
    description: "env:NAME or file:/path, which each node resolves",
    input: "secret.reference",
  },
];

export const credentials: Kind = {
  name: "credential",
  plural: "credentials",
  typeName: "Credential",
  one: "credential",
  many: "credentials",
  payload: "credential",
  label: "name",
  selection:
    "id name kind secretReference secretSetAt integrationCount header { name } query { name } basic { userName } oauth { tokenUrl clientId clientAuthentication scope audience resource keyId } mutualTls { certificate ca serverName } aws { region service accessKeyId } subscription { id name } rejections { node { name } reason since } updatedAt version",
  columns: [
    id,
    column("NAME", "name"),
    subscriptionColumn,
    column("KIND", "kind"),
    column("SECRET SET", "secretSetAt"),
    column("INTEGRATIONS", "integrationCount"),
  ],
  filters: [subscription],
  createFields: [subscription, ...credentialFields],
  updateFields: [{ flags: "--name <name>", description: "its new name", input: "name" }, ...credentialFields],
  canUpdate: true,
  hasSearch: true,
  examples: {
    list: ["latchkey list credentials --subscription Sample"],
    get: ["latchkey get credential 'Orders key'"],
    create: [
      "latchkey create credential 'Orders key' --subscription Sample --header X-Api-Key --secret-file - < key.txt",
      "latchkey create credential 'Orders certificate' --subscription Sample --certificate-file client.pem --secret-file client-key.pem",
      "latchkey create credential 'Orders login' --subscription Sample --header X-Api-Key --secret-reference file:/run/secrets/orders",
    ],
    update: [
      "latchkey update credential 'Orders key' --secret-file new-key.txt",
      "latchkey update credential 'Orders token' --scope orders.read",
    ],
    delete: ["latchkey delete credential 'Orders key' --yes"],
  },
};
