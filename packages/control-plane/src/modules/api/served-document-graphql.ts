/** What nodes serve as an API's OpenAPI document, as GraphQL shows it. */
import { Field, Float, ObjectType, registerEnumType } from "type-graphql";
import { SERVED_BYTES_MAX, type ServedDocument } from "./served-document.js";

const ServedDocumentStateEnum = {
  PENDING: "pending",
  SERVED: "served",
  TOO_LARGE: "too_large",
  TOO_SLOW: "too_slow",
} as const;
export type ServedDocumentState = (typeof ServedDocumentStateEnum)[keyof typeof ServedDocumentStateEnum];
registerEnumType(ServedDocumentStateEnum, {
  name: "ServedDocumentState",
  description: "Whether ingress nodes serve an API's OpenAPI document as it is now.",
  valuesConfig: {
    PENDING: { description: "It is being written; nodes serve the previous document, if there is one." },
    SERVED: { description: "Nodes serve the document, or are receiving it now." },
    TOO_LARGE: { description: "Nodes serve no document: it has more than 24 MiB." },
    TOO_SLOW: {
      description: "Nodes serve no document: writing it takes too much CPU time or memory.",
    },
  },
});

const MIB = 1024 * 1024;

@ObjectType("ServedDocument", {
  description: "The OpenAPI document that ingress nodes serve for an API. It follows a change of the API.",
})
export class ServedDocumentType {
  @Field(() => ServedDocumentStateEnum, { description: "Whether nodes serve it." })
  state!: ServedDocumentState;

  @Field(() => Float, { nullable: true, description: "Its size as JSON; null while it is not known." })
  sizeBytes!: number | null;

  @Field(() => String, {
    nullable: true,
    description: "Why nodes serve none, and what helps; null in the states PENDING and SERVED.",
  })
  message!: string | null;
}

export function toServedDocumentType({ isStale, fault, sizeBytes }: ServedDocument): ServedDocumentType {
  if (isStale) return { state: "pending", sizeBytes, message: null };
  if (fault === null) return { state: "served", sizeBytes, message: null };
  const message =
    fault === "too_large"
      ? `The document has ${((sizeBytes ?? 0) / MIB).toFixed(1)} MiB; nodes serve at most ${SERVED_BYTES_MAX / MIB} MiB. Split the API.`
      : "Writing the document takes too much CPU time or memory. Split the API.";
  return { state: fault, sizeBytes, message };
}
