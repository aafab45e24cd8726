/** The message trail as GraphQL shows it. */
import { GraphQLDateTime, GraphQLSafeInt } from "graphql-scalars";
import { ArgsType, Field, Float, ID, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import { PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX, PageInfoType } from "../graphql/connection.js";
import { make } from "../graphql/relay-node.js";
import { RevisionType, toRevision } from "../graphql/revision.js";
import { GatewayErrorType, toGatewayError } from "./gateway-error-graphql.js";
import type { Message, MessageAttempt, MessageFilter, MessageOutcome } from "./message.js";
import type { MessageContent, MissingContent } from "./message-content.js";
import type { MessageBucket, MessageHistogram, MessagePage } from "./message-store.js";

const MessageOutcomeEnum = {
  SUCCEEDED: "SUCCEEDED",
  FAILED: "FAILED",
  CLIENT_ERROR: "CLIENT_ERROR",
  SERVER_ERROR: "SERVER_ERROR",
} as const satisfies Record<MessageOutcome, MessageOutcome>;
registerEnumType(MessageOutcomeEnum, {
  name: "MessageOutcome",
  description: "How a request ended.",
  valuesConfig: {
    SUCCEEDED: { description: "A whole response below 400." },
    FAILED: { description: "A 4xx or 5xx response, or one that broke off." },
    CLIENT_ERROR: { description: "A 4xx response." },
    SERVER_ERROR: { description: "A 5xx response, or one that broke off." },
  },
});

@ObjectType("MessageAttempt", {
  description: "One attempt to send a request to a URL of its integration. Times are in milliseconds.",
})
export class MessageAttemptType {
  @Field(() => String, { description: "The URL, without its query." })
  url!: string;

  @Field(() => Float, { description: "When it began, since the request's arrival." })
  startedMs!: number;

  @Field(() => Float, { description: "Until it had a connection; 0: there was one at once." })
  waitMs!: number;

  @Field(() => Float, { description: "Of that, while the connection was made: name look-up, TCP and TLS." })
  connectMs!: number;

  @Field(() => Float, {
    nullable: true,
    description: "From its start to the head of the response; null: none came.",
  })
  firstByteMs!: number | null;

  @Field(() => Float, { description: "From its start to its end." })
  durationMs!: number;

  @Field(() => Int, { nullable: true, description: "The integration's status; null: there was no response." })
  status!: number | null;

  @Field(() => String, {
    nullable: true,
    description: "Why it failed, as a code of the catalogue; null: it did not.",
  })
  errorCode!: string | null;
}

@ObjectType("Message", {
  description: "A request as a node reported it, without key secret and query.",
})
export class MessageType {
  @Field(() => GraphQLDateTime, { description: "When it arrived, by the node's clock." })
  at!: Date;

  @Field(() => String, { description: "Id of the message. Clients may choose it, and may use one twice." })
  interchangeId!: string;

  @Field(() => ID, { description: "The node that took it." })
  nodeId!: string;

  @Field(() => String, { description: "That node's name." })
  nodeName!: string;

  @Field(() => RevisionType, {
    nullable: true,
    description: "The revision that the node handled it with; null: it had none.",
  })
  revision!: RevisionType | null;

  @Field(() => ID, { nullable: true, description: "The API; null when the key is not known." })
  apiId!: string | null;

  @Field(() => ID, { nullable: true, description: "The key; null when the request had none that is known." })
  keyId!: string | null;

  @Field(() => ID, { nullable: true, description: "The route; null when none matched." })
  routeId!: string | null;

  @Field(() => ID, { nullable: true, description: "The integration; null when there was none." })
  integrationId!: string | null;

  @Field(() => String, { description: "The client's method." })
  method!: string;

  @Field(() => String, { description: "The path without its query; at most 256 characters." })
  path!: string;

  @Field(() => Int, { description: "Status that the client got; 499: it went away before." })
  status!: number;

  @Field(() => String, {
    nullable: true,
    description:
      "Code of the gateway's own response, or why the response broke off; null: it is the integration's.",
  })
  errorCode!: string | null;

  @Field(() => Float, { description: "From its arrival to its end." })
  durationMs!: number;

  @Field(() => GraphQLSafeInt, { description: "Bytes of its body." })
  requestBytes!: number;

  @Field(() => GraphQLSafeInt, { description: "Bytes of the response's body." })
  responseBytes!: number;

  @Field(() => [MessageAttemptType], {
    description:
      "What was sent to the integration, in order; none: it was refused before. At most the last 8.",
  })
  attempts!: readonly MessageAttemptType[];

  @Field(() => GatewayErrorType, {
    nullable: true,
    description: "What the error code means; null without one.",
  })
  error!: GatewayErrorType | null;

  /** Read by the first of its fields that needs them. */
  recorded?: Promise<MessageContent | MissingContent>;
}

@ObjectType("MessageEdge", { description: "One of a list of messages, with its cursor." })
export class MessageEdgeType {
  @Field(() => MessageType, { description: "The message." })
  node!: MessageType;

  @Field(() => String, { description: "Its place in this list, for `after`." })
  cursor!: string;
}

@ObjectType("MessageCoverage", {
  description: "How many requests are kept in the message trail, by whole minutes.",
})
export class MessageCoverageType {
  @Field(() => GraphQLSafeInt, { description: "Requests of all nodes and APIs." })
  requests!: number;

  @Field(() => GraphQLSafeInt, { description: "Those of them that were kept." })
  kept!: number;
}

@ObjectType("MessageConnection", { description: "A page of messages." })
export class MessageConnectionType {
  @Field(() => [MessageEdgeType], { description: "The messages with their cursors." })
  edges!: readonly MessageEdgeType[];

  @Field(() => [MessageType], { description: "The messages alone." })
  nodes!: readonly MessageType[];

  @Field(() => PageInfoType, { description: "Where this page stands in the list." })
  pageInfo!: PageInfoType;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description:
      "A search for few among many ends after a while: what came before this time was not looked at yet, and the next page goes on there. Null: the page is full, or the search came to its end.",
  })
  searchedBackTo!: Date | null;
}

@ObjectType("MessageBucket", { description: "Kept messages of one stretch of time." })
export class MessageBucketType {
  @Field(() => GraphQLDateTime, { description: "When it begins." })
  at!: Date;

  @Field(() => GraphQLSafeInt, { description: "With a whole response below 400." })
  succeeded!: number;

  @Field(() => GraphQLSafeInt, { description: "With a 4xx response." })
  clientErrors!: number;

  @Field(() => GraphQLSafeInt, { description: "With a 5xx response, or one that broke off." })
  serverErrors!: number;
}

@ObjectType("MessageHistogram", { description: "Kept messages by time and outcome." })
export class MessageHistogramType {
  @Field(() => [MessageBucketType], { description: "Oldest first, all of one length, without gaps." })
  buckets!: readonly MessageBucketType[];

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description:
      "Counting ends after a while: what came before this time is not counted. Null: everything is.",
  })
  countedBackTo!: Date | null;

  @Field(() => MessageCoverageType, {
    description: "How many requests of this time are kept, whatever else the filter says.",
  })
  coverage!: MessageCoverageType;
}

@InputType("MessageFilter", { description: "Which messages; what is not given says nothing." })
export class MessageFilterInput implements MessageFilter {
  @Field(() => String, { nullable: true, description: "Only those with this id." })
  interchangeId?: string | null;

  @Field(() => ID, { nullable: true, description: "Only those of this API." })
  apiId?: string | null;

  @Field(() => ID, { nullable: true, description: "Only those with this key." })
  keyId?: string | null;

  @Field(() => ID, { nullable: true, description: "Only those of this route." })
  routeId?: string | null;

  @Field(() => ID, { nullable: true, description: "Only those to this integration." })
  integrationId?: string | null;

  @Field(() => ID, { nullable: true, description: "Only those of this node." })
  nodeId?: string | null;

  @Field(() => String, { nullable: true, description: "Only those with this method, as it was sent." })
  method?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Only those whose path has this text in it, in its own case.",
  })
  path?: string | null;

  @Field(() => Int, { nullable: true, description: "Only those with this status." })
  status?: number | null;

  @Field(() => MessageOutcomeEnum, { nullable: true, description: "Only those that ended so." })
  outcome?: MessageOutcome | null;

  @Field(() => String, { nullable: true, description: "Only those with this error code." })
  errorCode?: string | null;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: "Only those that arrived then or later. Not of a tail.",
  })
  since?: Date | null;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: "Only those that arrived before. Not of a tail.",
  })
  until?: Date | null;
}

@ArgsType()
export class MessagePageArgs {
  @Field(() => Int, {
    defaultValue: PAGE_SIZE_DEFAULT,
    description: `Take so many: 1 to ${PAGE_SIZE_MAX}.`,
  })
  first!: number;

  @Field(() => String, { nullable: true, description: "Only what comes after this cursor." })
  after?: string | null;
}

export function toMessageConnection(
  { items, hasNextPage, endCursor, searchedBackToMs }: MessagePage,
  isFirst: boolean,
): MessageConnectionType {
  const edges = items.map(({ message, cursor }) =>
    make(MessageEdgeType, { node: toMessageType(message), cursor }),
  );
  return make(MessageConnectionType, {
    edges,
    nodes: edges.map(({ node }) => node),
    pageInfo: {
      hasNextPage,
      hasPreviousPage: !isFirst,
      startCursor: items[0]?.cursor ?? null,
      endCursor,
    },
    searchedBackTo: dateOrNull(searchedBackToMs),
  });
}

export function toMessageHistogram(
  { buckets, countedBackToMs }: MessageHistogram,
  coverage: MessageCoverageType,
): MessageHistogramType {
  return make(MessageHistogramType, {
    buckets: buckets.map(toBucket),
    countedBackTo: dateOrNull(countedBackToMs),
    coverage,
  });
}

function toBucket({ atMs, succeeded, clientErrors, serverErrors }: MessageBucket): MessageBucketType {
  return make(MessageBucketType, { at: new Date(atMs), succeeded, clientErrors, serverErrors });
}

export function toMessageType(message: Message): MessageType {
  return make(MessageType, {
    at: new Date(message.atMs),
    interchangeId: message.interchangeId,
    nodeId: message.nodeId,
    nodeName: message.nodeName,
    revision: message.revision === null ? null : toRevision(message.revision),
    apiId: textOrNull(message.apiId),
    keyId: textOrNull(message.keyId),
    routeId: textOrNull(message.routeId),
    integrationId: textOrNull(message.integrationId),
    method: message.method,
    path: message.path,
    status: message.status,
    errorCode: textOrNull(message.errorCode),
    durationMs: message.durationUs / 1_000,
    requestBytes: message.requestBytes,
    responseBytes: message.responseBytes,
    attempts: message.attempts.map(toAttempt),
    error: toGatewayError(message.errorCode),
  });
}

function toAttempt(attempt: MessageAttempt): MessageAttemptType {
  return make(MessageAttemptType, {
    url: attempt.url,
    startedMs: attempt.startedUs / 1_000,
    waitMs: attempt.waitUs / 1_000,
    connectMs: attempt.connectUs / 1_000,
    firstByteMs: attempt.firstByteUs === 0 ? null : attempt.firstByteUs / 1_000,
    durationMs: attempt.durationUs / 1_000,
    status: attempt.status === 0 ? null : attempt.status,
    errorCode: textOrNull(attempt.errorCode),
  });
}

function textOrNull(text: string): string | null {
  return text === "" ? null : text;
}

function dateOrNull(atMs: number | null): Date | null {
  return atMs === null ? null : new Date(atMs);
}
