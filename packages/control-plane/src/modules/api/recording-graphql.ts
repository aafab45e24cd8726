/** The recording of headers and bodies as GraphQL shows and takes it. */
import { MASK_PATHS_MAX } from "@latchkey/core";
import { GraphQLDateTime } from "graphql-scalars";
import { Field, InputType, Int, ObjectType } from "type-graphql";
import { make } from "../../graphql/relay-node.js";
import type { ApiRecording } from "./api.js";
import { RECORDING_SECONDS_MAX } from "./recording-form.js";

const MASK = `Paths of JSON whose values are masked beside the usual names of secrets, as \`$.customer.email\` or \`$..iban\`; at most ${MASK_PATHS_MAX}. With any, bodies that are not whole JSON are left out.`;

@ObjectType("Recording", {
  description: "Headers and bodies of the API's requests are kept in the message trail for a time.",
})
export class RecordingType {
  @Field(() => GraphQLDateTime, { description: "When it ends by itself. In the past: it is over." })
  until!: Date;

  @Field(() => [String], { description: MASK })
  mask!: readonly string[];

  @Field(() => String, {
    nullable: true,
    description: "Who began it: the operator's name; null where an earlier release stored it.",
  })
  startedBy!: string | null;
}

@InputType({ description: "Which headers and bodies are kept, and how long they are recorded." })
export class RecordingInput {
  @Field(() => Int, {
    description: `How long it lasts from now on, in seconds: 1 to ${RECORDING_SECONDS_MAX} (a day).`,
  })
  forSeconds!: number;

  @Field(() => [String], { nullable: true, description: MASK })
  mask?: string[] | null;
}

export function toRecordingType(recording: ApiRecording | null): RecordingType | null {
  if (recording === null) return null;
  const { untilMs, mask, startedBy = null } = recording;
  return make(RecordingType, { until: new Date(untilMs), mask, startedBy });
}
