/** The audit log as GraphQL shows it. */
import { GraphQLDateTime, GraphQLJSONObject } from "graphql-scalars";
import { Field, ID, InputType, ObjectType, registerEnumType } from "type-graphql";
import { connectionType } from "../../graphql/connection.js";
import { make, NodeInterface } from "../../graphql/relay-node.js";
import { RevisionType, toRevision } from "../../graphql/revision.js";
import type { AuditEntry, AuditTargetKind } from "./audit-entry.js";

const AuditTargetKindEnum = {
  API: "api",
  API_KEY: "apiKey",
  INTEGRATION: "integration",
  CREDENTIAL: "credential",
  SUBSCRIPTION: "subscription",
  NODE: "node",
  SESSION: "session",
  ACCESS: "access",
  DATABASE: "database",
} as const satisfies Record<string, AuditTargetKind>;
registerEnumType(AuditTargetKindEnum, {
  name: "AuditTargetKind",
  description: "What kind of thing an entry of the audit log is about.",
  valuesConfig: {
    API: { description: "An API." },
    API_KEY: { description: "A key of an API." },
    INTEGRATION: { description: "An integration." },
    CREDENTIAL: { description: "A credential of integrations." },
    SUBSCRIPTION: { description: "A subscription." },
    NODE: { description: "An ingress node, or its token." },
    SESSION: { description: "A session of the console." },
    ACCESS: { description: "A part of the control plane to which access was refused." },
    DATABASE: { description: "The control plane's database." },
  },
});

@ObjectType("AuditEntry", {
  implements: NodeInterface,
  description:
    "Who did what to what, and what it was before and after: changes, disclosed secrets, sign-ins and refused attempts. Holds no secrets.",
})
export class AuditEntryType extends NodeInterface {
  @Field(() => GraphQLDateTime, { description: "When." })
  at!: Date;

  @Field(() => String, { description: "Who: the operator's name." })
  actor!: string;

  @Field(() => String, { description: "What was done: `api.update`, `apiKey.reveal`." })
  action!: string;

  @Field(() => AuditTargetKindEnum, { description: "What kind of thing it was done to." })
  targetKind!: AuditTargetKind;

  @Field(() => ID, { description: "Id of that thing, which may be gone." })
  targetId!: string;

  @Field(() => String, { description: "What people called it then." })
  targetName!: string;

  @Field(() => ID, { nullable: true, description: "Id of the subscription it belonged to." })
  subscriptionId!: string | null;

  @Field(() => GraphQLJSONObject, { nullable: true, description: "As it was before; null when it was made." })
  before!: object | null;

  @Field(() => GraphQLJSONObject, {
    nullable: true,
    description: "As it was after; null when it was deleted.",
  })
  after!: object | null;

  @Field(() => RevisionType, {
    nullable: true,
    description: "The revision it made; null when nodes need not know.",
  })
  revision!: RevisionType | null;

  @Field(() => String, {
    nullable: true,
    description: "Id of the request, as in the log and the `X-Request-Id` header.",
  })
  requestId!: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Address of the client; null for what the control plane did by itself.",
  })
  address!: string | null;
}

export function toAuditEntryType(entry: AuditEntry): AuditEntryType {
  return make(AuditEntryType, {
    id: entry.id,
    at: new Date(entry.atMs),
    actor: entry.actor,
    action: entry.action,
    targetKind: entry.targetKind,
    targetId: entry.targetId,
    targetName: entry.targetName,
    subscriptionId: entry.subscriptionId,
    before: entry.before,
    after: entry.after,
    revision: entry.revision === null ? null : toRevision(entry.revision),
    requestId: entry.requestId,
    address: entry.address,
  });
}

export const AuditEntryConnection = connectionType(AuditEntryType, "AuditEntry", "audit entries");

@InputType({ description: "Which entries of the audit log to list." })
export class AuditFilter {
  @Field(() => String, { nullable: true, description: "Only what this operator did." })
  actor?: string | null;

  @Field(() => String, { nullable: true, description: "Only this action: `api.update`." })
  action?: string | null;

  @Field(() => ID, { nullable: true, description: "Only what was done to this object." })
  targetId?: string | null;

  @Field(() => ID, { nullable: true, description: "Only what was done to this API and its keys." })
  apiId?: string | null;

  @Field(() => ID, { nullable: true, description: "Only what belonged to this subscription." })
  subscriptionId?: string | null;

  @Field(() => String, { nullable: true, description: "Only what came from this address." })
  address?: string | null;

  @Field(() => GraphQLDateTime, { nullable: true, description: "Only from this time on." })
  since?: Date | null;

  @Field(() => GraphQLDateTime, { nullable: true, description: "Only before this time." })
  until?: Date | null;
}
