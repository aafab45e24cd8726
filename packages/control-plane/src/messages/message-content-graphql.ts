/** Headers and bodies of a message as GraphQL shows them. */
import { Field, ObjectType, registerEnumType } from "type-graphql";
import { make } from "../graphql/relay-node.js";
import type { RecordedHeadReport, RecordedPartReport } from "../snapshot/node-observer.js";
import type { MessageContent, MissingContent } from "./message-content.js";

const RecordedBodyStateEnum = {
  WHOLE: "whole",
  TRUNCATED: "truncated",
  OMITTED: "omitted",
} as const satisfies Record<string, RecordedPartReport["bodyState"]>;
registerEnumType(RecordedBodyStateEnum, {
  name: "RecordedBodyState",
  description: "How much of a body is kept.",
  valuesConfig: {
    WHOLE: { description: "There was none, or all of it is kept." },
    TRUNCATED: { description: "Its beginning is kept." },
    OMITTED: { description: "None of it is kept: it is no text, or it could not be masked." },
  },
});

export const MissingContentEnum = {
  NOT_RECORDED: "not-recorded",
  NO_ROOM: "no-room",
  UNREADABLE: "unreadable",
} as const satisfies Record<string, MissingContent>;
registerEnumType(MissingContentEnum, {
  name: "MissingContent",
  description: "Why a message has no headers and bodies.",
  valuesConfig: {
    NOT_RECORDED: {
      description: "Its API did not record when it came, or the control plane had no encryption key.",
    },
    NO_ROOM: { description: "More was recorded at that time than a node or the control plane could keep." },
    UNREADABLE: {
      description: "They are encrypted with a key that the control plane no longer has, or are damaged.",
    },
  },
});

@ObjectType("RecordedHeader", { description: "A header." })
export class RecordedHeaderType {
  @Field(() => String, { description: "Its name, in lower case." })
  name!: string;

  @Field(() => String, { description: "Its value; `•••` in place of a secret." })
  value!: string;
}

@ObjectType("RecordedHead", { description: "Headers of a request to an integration, or of its response." })
export class RecordedHeadType {
  @Field(() => [RecordedHeaderType], { description: "In their order, at most 100." })
  headers!: readonly RecordedHeaderType[];

  @Field(() => String, {
    nullable: true,
    description: "Path and query of a request, masked; null of a response.",
  })
  target!: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Method of a request; null of a response, and where an earlier release stored it.",
  })
  method!: string | null;
}

@ObjectType("RecordedPart", { description: "Headers and body of a request or a response." })
export class RecordedPartType extends RecordedHeadType {
  @Field(() => String, { description: "The body as text, masked; at most 16 KiB." })
  body!: string;

  @Field(() => RecordedBodyStateEnum, { description: "How much of the body is kept." })
  bodyState!: RecordedPartReport["bodyState"];
}

@ObjectType("MessageContent", {
  description:
    "Headers and bodies of a message. Bodies pass the gateway unchanged: those of the client's request and response are the integration's as well.",
})
export class MessageContentType {
  @Field(() => RecordedPartType, { description: "What the client sent." })
  request!: RecordedPartType;

  @Field(() => RecordedHeadType, {
    nullable: true,
    description: "What the last attempt sent to the integration; null: nothing was sent.",
  })
  upstreamRequest!: RecordedHeadType | null;

  @Field(() => RecordedHeadType, {
    nullable: true,
    description: "What the integration responded; null: no response came.",
  })
  upstreamResponse!: RecordedHeadType | null;

  @Field(() => RecordedPartType, {
    nullable: true,
    description:
      "The integration's response as the client got it; null: none began, or the gateway responded by itself.",
  })
  response!: RecordedPartType | null;
}

export function toMessageContentType(content: MessageContent): MessageContentType {
  const { request, upstreamRequest, upstreamResponse, response } = content;
  return make(MessageContentType, {
    request: toRecordedPart(request),
    upstreamRequest: upstreamRequest && toRecordedHead(upstreamRequest),
    upstreamResponse: upstreamResponse && toRecordedHead(upstreamResponse),
    response: response && toRecordedPart(response),
  });
}

function toRecordedHead({ headers, target, method }: RecordedHeadReport): RecordedHeadType {
  const pairs: RecordedHeaderType[] = [];
  for (let i = 0; i < headers.length; i += 2)
    pairs.push(make(RecordedHeaderType, { name: headers[i] ?? "", value: headers[i + 1] ?? "" }));
  // What an earlier release kept has none of the two.
  return make(RecordedHeadType, { headers: pairs, target: target || null, method: method || null });
}

function toRecordedPart({ body, bodyState, ...head }: RecordedPartReport): RecordedPartType {
  return make(RecordedPartType, { ...toRecordedHead(head), body, bodyState });
}
