/** Nodes and receipts as GraphQL shows them. Called `IngressNode`, because `Node` is Relay's word for anything with an id. */
import type { ResourceKind } from "@latchkey/snapshot";
import { GraphQLDateTime, GraphQLSafeInt } from "graphql-scalars";
import { Field, ID, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import { connectionType } from "../graphql/connection.js";
import { make, NodeInterface } from "../graphql/relay-node.js";
import { RevisionType, toRevision } from "../graphql/revision.js";
import { MutationPayload } from "../receipts/mutation-payload.js";
import type { NodeStatus, NodeView } from "./node.js";
import { NodeStatusEnum } from "./node-status-graphql.js";

const ResourceKindEnum = {
  API: "api",
  INTEGRATION: "integration",
  KEY: "key",
  CREDENTIAL: "credential",
} as const satisfies Record<string, ResourceKind>;
registerEnumType(ResourceKindEnum, {
  name: "ResourceKind",
  description: "Kind of a resource that ingress nodes know.",
  valuesConfig: {
    API: { description: "An API with its routes." },
    INTEGRATION: { description: "An integration." },
    KEY: { description: "A key." },
    CREDENTIAL: { description: "A credential of integrations." },
  },
});

@ObjectType("NodeNack", { description: "A node's refusal of a whole revision." })
export class NodeNackType {
  @Field(() => GraphQLDateTime, { description: "When." })
  at!: Date;

  @Field(() => String, { description: "Why, in the node's words." })
  reason!: string;
}

// `name` and `apiId` are added by the resolver.
@ObjectType("RejectedResource", {
  description: "A resource that a node cannot use and has quarantined; the rest of the revision applies.",
})
export class RejectedResourceType {
  @Field(() => ResourceKindEnum, { description: "Kind of the resource." })
  kind!: ResourceKind;

  // Not `id`: clients' caches would take what two nodes say of one resource for one object.
  @Field(() => ID, { description: "Id of the resource." })
  resourceId!: string;

  @Field(() => String, { description: "Why, in the node's words." })
  reason!: string;

  @Field(() => GraphQLDateTime, { description: "Since when, for this reason." })
  since!: Date;
}

@ObjectType("IngressNode", {
  implements: NodeInterface,
  description: "One ingress process that subscribes to this control plane.",
})
export class IngressNodeType extends NodeInterface {
  @Field(() => String, { description: "What people call it; unique." })
  name!: string;

  @Field(() => NodeStatusEnum, {
    description: "How it does. A node that is not heard from is never HEALTHY.",
  })
  status!: NodeStatus;

  @Field(() => GraphQLDateTime, { description: "When it was registered." })
  createdAt!: Date;

  @Field(() => Boolean, { description: "Whether it has a stream to this control plane." })
  connected!: boolean;

  @Field(() => GraphQLDateTime, { nullable: true, description: "When it was last heard; null: never." })
  lastSeenAt!: Date | null;

  @Field(() => GraphQLSafeInt, {
    nullable: true,
    description: "Age of what is shown of the node, in milliseconds: the time since its last message.",
  })
  lastSeenAgeMs!: number | null;

  @Field(() => String, { nullable: true, description: "Version of its software, as it says." })
  softwareVersion!: string | null;

  @Field(() => RevisionType, {
    nullable: true,
    description: "The newest revision it acknowledged: it enforces that.",
  })
  revision!: RevisionType | null;

  @Field(() => String, {
    nullable: true,
    description:
      "Its digest over all it holds at that revision, in hex; null when it was not heard since the control plane started.",
  })
  digest!: string | null;

  @Field(() => GraphQLSafeInt, {
    nullable: true,
    description: "Committed revisions that it has not acknowledged; null when that cannot be counted.",
  })
  lagRevisions!: number | null;

  @Field(() => GraphQLSafeInt, {
    description: "For how many milliseconds the oldest of those has been waiting; 0: none is.",
  })
  lagMs!: number;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: "Since when its digest has not been the control plane's; null: it is.",
  })
  driftSince!: Date | null;

  @Field(() => NodeNackType, {
    nullable: true,
    description: "Its last refusal of a whole revision; null: never.",
  })
  lastNack!: NodeNackType | null;

  @Field(() => [RejectedResourceType], {
    description:
      "What it cannot use of the revision it enforces, at most 1 000, as it reported last to any control plane.",
  })
  rejectedResources!: readonly RejectedResourceType[];

  @Field(() => Boolean, {
    nullable: true,
    description: "Whether it reports that it accepts requests; null: not reported.",
  })
  ready!: boolean | null;

  @Field(() => Boolean, {
    nullable: true,
    description: "Whether it is shutting down; null: not reported.",
  })
  draining!: boolean | null;

  @Field(() => GraphQLSafeInt, { nullable: true, description: "Memory of its process, in bytes." })
  rssBytes!: number | null;

  @Field(() => Int, { nullable: true, description: "Requests in progress." })
  requestsInFlight!: number | null;

  @Field(() => Int, {
    nullable: true,
    description: "How long it took to apply the newest revision, in microseconds.",
  })
  applyMicroseconds!: number | null;

  @Field(() => Int, {
    description:
      "Streams of this node that another one replaced, since the control plane started. When this grows, two processes use one token.",
  })
  replacedCount!: number;

  // `requestsPerSecond` is added by the resolver.
}

export function toIngressNodeType(node: NodeView): IngressNodeType {
  const dateOrNull = (atMs: number | null) => (atMs === null ? null : new Date(atMs));
  return make(IngressNodeType, {
    id: node.id,
    name: node.name,
    status: node.status,
    createdAt: new Date(node.createdAtMs),
    connected: node.isConnected,
    lastSeenAt: dateOrNull(node.lastSeenAtMs),
    lastSeenAgeMs: node.lastSeenAgeMs === null ? null : Math.round(node.lastSeenAgeMs),
    softwareVersion: node.softwareVersion,
    revision: node.acked === null ? null : toRevision(node.acked),
    digest: node.digest,
    lagRevisions: node.lagRevisions,
    lagMs: Math.round(node.lagMs),
    driftSince: dateOrNull(node.driftSinceMs),
    lastNack:
      node.lastNack === null
        ? null
        : make(NodeNackType, { at: new Date(node.lastNack.atMs), reason: node.lastNack.reason }),
    rejectedResources: node.rejected.map(({ ref, reason, sinceMs }) =>
      make(RejectedResourceType, {
        resourceId: ref.id,
        kind: ref.kind,
        reason,
        since: new Date(sinceMs),
      }),
    ),
    ready: node.isReady,
    draining: node.isDraining,
    rssBytes: node.rssBytes,
    requestsInFlight: node.requestsInFlight,
    applyMicroseconds: node.applyUs,
    replacedCount: node.replacedCount,
  });
}

@InputType({ description: "A revision, as a mutation's payload names it." })
export class RevisionInput {
  @Field(() => GraphQLSafeInt, {
    nullable: true,
    description: "The revision's epoch; the current one without it.",
  })
  epoch?: number | null;

  @Field(() => GraphQLSafeInt, { description: "The revision's number." })
  number!: number;
}

export const IngressNodeConnection = connectionType(IngressNodeType, "IngressNode", "ingress nodes");

@InputType({ description: "Which ingress nodes to list." })
export class IngressNodeFilter {
  @Field(() => [NodeStatusEnum], { nullable: true, description: "Only those with one of these." })
  status?: NodeStatus[] | null;
}

@InputType({ description: "A node to register." })
export class CreateNodeInput {
  @Field(() => String, { description: "What to call it: at most 100 characters, unique." })
  name!: string;
}

@InputType({ description: "Which node." })
export class DeleteNodeInput {
  @Field(() => ID, { description: "The node's id." })
  id!: string;
}

@InputType({ description: "Which node." })
export class RegenerateNodeTokenInput {
  @Field(() => ID, { description: "The node's id." })
  id!: string;
}

@ObjectType({ description: "The outcome of `createNode`." })
export class CreateNodePayload extends MutationPayload {
  @Field(() => IngressNodeType, { nullable: true, description: "The node; null when there are user errors." })
  node!: IngressNodeType | null;

  @Field(() => String, {
    nullable: true,
    description: "The token it connects with. Shown this once; only its digest is kept.",
  })
  token!: string | null;
}

@ObjectType({ description: "The outcome of `regenerateNodeToken`." })
export class RegenerateNodeTokenPayload extends MutationPayload {
  @Field(() => IngressNodeType, { nullable: true, description: "The node; null when there are user errors." })
  node!: IngressNodeType | null;

  @Field(() => String, {
    nullable: true,
    description: "The new token. Shown this once; the old one is refused from now on.",
  })
  token!: string | null;
}

@ObjectType({ description: "The outcome of `deleteNode`." })
export class DeleteNodePayload extends MutationPayload {
  @Field(() => ID, { nullable: true, description: "The id that is gone; null when there are user errors." })
  deletedNodeId!: string | null;
}
