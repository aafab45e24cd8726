/** What GraphQL takes about credentials: inputs and payloads. */
import type { CredentialKind } from "@latchkey/snapshot";
import { Field, ID, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import { OrderDirectionEnum } from "../../graphql/connection.js";
import { EXPECTED_VERSION, MutationPayload } from "../../receipts/mutation-payload.js";
import {
  AwsSettingsType,
  BasicSettings,
  CredentialKindEnum,
  CredentialType,
  HeaderSettings,
  MutualTlsSettingsType,
  OAuthSettingsType,
  QuerySettings,
} from "./credential-graphql.js";
import type { CredentialOrderField } from "./credential-store.js";

const CredentialOrderFieldEnum = {
  NAME: "name",
  CREATED_AT: "createdAt",
  UPDATED_AT: "updatedAt",
} as const satisfies Record<string, CredentialOrderField>;
registerEnumType(CredentialOrderFieldEnum, {
  name: "CredentialOrderField",
  description: "What credentials can be ordered by.",
  valuesConfig: {
    NAME: { description: "By name, without regard to case." },
    CREATED_AT: { description: "By the time they were made." },
    UPDATED_AT: { description: "By the time of their last change." },
  },
});

@InputType({ description: "How to order credentials." })
export class CredentialOrder {
  @Field(() => CredentialOrderFieldEnum, { description: "What to order by." })
  field!: CredentialOrderField;

  @Field(() => OrderDirectionEnum, { description: "Which end comes first." })
  direction!: "asc" | "desc";
}

@InputType({ description: "Which credentials to list." })
export class CredentialFilter {
  @Field(() => ID, { nullable: true, description: "Only those of this subscription." })
  subscriptionId?: string | null;

  @Field(() => CredentialKindEnum, { nullable: true, description: "Only those of this kind." })
  kind?: CredentialKind | null;

  @Field(() => String, { nullable: true, description: "Words that the name contains." })
  search?: string | null;
}

@InputType({ description: "A secret: its value, or where nodes find it." })
class SecretInput {
  @Field(() => String, {
    nullable: true,
    description:
      "The secret itself; encrypted at once, and never shown. Private keys are PEM without a passphrase. Needs an encryption key in the control plane's configuration.",
  })
  value?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "`env:NAME` or `file:/path` that each node resolves by itself.",
  })
  reference?: string | null;
}

/** The fields that creating and changing share. */
@InputType()
abstract class CredentialFields {
  @Field(() => HeaderSettings, { nullable: true, description: "Makes it a HEADER." })
  header?: HeaderSettings | null;

  @Field(() => QuerySettings, { nullable: true, description: "Makes it a QUERY." })
  query?: QuerySettings | null;

  @Field(() => BasicSettings, { nullable: true, description: "Makes it BASIC." })
  basic?: BasicSettings | null;

  @Field(() => OAuthSettingsType, { nullable: true, description: "Makes it OAUTH_CLIENT_CREDENTIALS." })
  oauth?: OAuthSettingsType | null;

  @Field(() => MutualTlsSettingsType, { nullable: true, description: "Makes it MUTUAL_TLS." })
  mutualTls?: MutualTlsSettingsType | null;

  @Field(() => AwsSettingsType, { nullable: true, description: "Makes it AWS_SIGV4." })
  aws?: AwsSettingsType | null;
}

@InputType({ description: "A new credential, with the settings of just one kind." })
export class CreateCredentialInput extends CredentialFields {
  @Field(() => ID, { description: "The subscription that will own it." })
  subscriptionId!: string;

  @Field(() => String, { description: "What people call it: 1 to 200 characters." })
  name!: string;

  @Field(() => SecretInput, { description: "Its secret." })
  secret!: SecretInput;
}

@InputType({
  description:
    "Changes to a credential. What is left out stays; settings are replaced as a whole. The kind cannot change.",
})
export class UpdateCredentialInput extends CredentialFields {
  @Field(() => ID, { description: "The credential to change." })
  id!: string;

  @Field(() => Int, { nullable: true, description: EXPECTED_VERSION })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "What people call it: 1 to 200 characters." })
  name?: string | null;

  @Field(() => SecretInput, { nullable: true, description: "Another secret; left out, it stays." })
  secret?: SecretInput | null;
}

@InputType({ description: "The credential to delete." })
export class DeleteCredentialInput {
  @Field(() => ID, { description: "No integration may use it; otherwise the error IN_USE names them." })
  id!: string;

  @Field(() => Int, { nullable: true, description: EXPECTED_VERSION })
  expectedVersion?: number | null;
}

@ObjectType({ description: "Response to `createCredential`." })
export class CreateCredentialPayload extends MutationPayload {
  @Field(() => CredentialType, {
    nullable: true,
    description: "The new credential; null when there are user errors.",
  })
  credential!: CredentialType | null;
}

@ObjectType({ description: "Response to `updateCredential`." })
export class UpdateCredentialPayload extends MutationPayload {
  @Field(() => CredentialType, {
    nullable: true,
    description: "As it is now; null when there are user errors.",
  })
  credential!: CredentialType | null;
}

@ObjectType({ description: "Response to `deleteCredential`." })
export class DeleteCredentialPayload extends MutationPayload {
  @Field(() => ID, {
    nullable: true,
    description: "The id that is free of meaning now; null when there are user errors.",
  })
  deletedCredentialId!: string | null;
}
