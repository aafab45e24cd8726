/** Headers and bodies of a message as GraphQL shows them. */
import { Field, ObjectType, registerEnumType } from "type-graphql";
import { make } from "../graphql/relay-node.js";
import type { RecordedPartReport } from "../snapshot/node-observer.js";
import type { MessageContent } from "./message-content.js";

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

@ObjectType("RecordedHeader", { description: "A header." })
export class RecordedHeaderType {
  @Field(() => String, { description: "Its name, in lower case." })
  name!: string;

  @Field(() => String, { description: "Its value; `•••` in place of a secret." })
  value!: string;
}

@ObjectType("RecordedPart", { description: "Headers and body of a request or a response." })
export class RecordedPartType {
  @Field(() => [RecordedHeaderType], { description: "In their order, at most 100." })
  headers!: readonly RecordedHeaderType[];

  @Field(() => String, { description: "The body as text, masked; at most 16 KiB." })
  body!: string;

  @Field(() => RecordedBodyStateEnum, { description: "How much of the body is kept." })
  bodyState!: RecordedPartReport["bodyState"];
}

@ObjectType("MessageContent", { description: "Headers and bodies, as the client sent and got them." })
export class MessageContentType {
  @Field(() => RecordedPartType, { description: "Of the request." })
  request!: RecordedPartType;

  @Field(() => RecordedPartType, {
    nullable: true,
    description: "Of the integration's response; null: none began, or the gateway responded by itself.",
  })
  response!: RecordedPartType | null;
}

export function toMessageContentType({ request, response }: MessageContent): MessageContentType {
  return make(MessageContentType, {
    request: toRecordedPart(request),
    response: response === null ? null : toRecordedPart(response),
  });
}

function toRecordedPart({ headers, body, bodyState }: RecordedPartReport): RecordedPartType {
  const pairs: RecordedHeaderType[] = [];
  for (let i = 0; i < headers.length; i += 2)
    pairs.push(make(RecordedHeaderType, { name: headers[i] ?? "", value: headers[i + 1] ?? "" }));
  return make(RecordedPartType, { headers: pairs, body, bodyState });
}
