/** Console sessions as GraphQL shows them. */
import { GraphQLDateTime } from "graphql-scalars";
import { Field, ID, InputType, ObjectType } from "type-graphql";
import { connectionType } from "../../graphql/connection.js";
import { make, NodeInterface } from "../../graphql/relay-node.js";
import { MutationPayload } from "../../receipts/mutation-payload.js";
import type { Session } from "./session.js";

@ObjectType("Session", {
  implements: NodeInterface,
  description: "A browser that is signed in to the console.",
})
export class SessionType extends NodeInterface {
  @Field(() => String, { description: "The operator who signed in." })
  actor!: string;

  @Field(() => GraphQLDateTime, { description: "When they signed in." })
  createdAt!: Date;

  @Field(() => GraphQLDateTime, { description: "When it was last used, accurate to a minute." })
  lastUsedAt!: Date;

  @Field(() => GraphQLDateTime, { description: "When it ends unless it is used before." })
  expiresAt!: Date;

  @Field(() => String, { nullable: true, description: "Address from which they signed in." })
  address!: string | null;

  @Field(() => String, { nullable: true, description: "What the browser calls itself." })
  userAgent!: string | null;

  // `isCurrent` is added by the resolver, which knows the request.
}

export function toSessionType(session: Session): SessionType {
  return make(SessionType, {
    id: session.id,
    actor: session.actor,
    createdAt: new Date(session.createdAtMs),
    lastUsedAt: new Date(session.lastUsedAtMs),
    expiresAt: new Date(session.expiresAtMs),
    address: session.address,
    userAgent: session.userAgent,
  });
}

export const SessionConnection = connectionType(SessionType, "Session", "console sessions");

@InputType({ description: "Which session." })
export class EndSessionInput {
  @Field(() => ID, { description: "The session's id." })
  id!: string;
}

@ObjectType({ description: "The outcome of `endSession`." })
export class EndSessionPayload extends MutationPayload {
  @Field(() => ID, {
    nullable: true,
    description: "The id of the session that ended; null when there are user errors.",
  })
  endedSessionId!: string | null;
}

@InputType({ description: "Which sessions." })
export class EndOtherSessionsInput {
  @Field(() => String, { nullable: true, description: "Only those of this operator; all without it." })
  actor?: string | null;
}

@ObjectType({ description: "The outcome of `endOtherSessions`." })
export class EndOtherSessionsPayload extends MutationPayload {
  @Field(() => [ID], {
    nullable: true,
    description: "The ids of the sessions that ended; null when there are user errors.",
  })
  endedSessionIds!: readonly string[] | null;
}
