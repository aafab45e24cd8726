/**
 * Where the check of responses and the independent validator (express-openapi-validator 5) disagree: who is right by the
 * specification, and why. A disagreement that none of these explains fails the test.
 */
import type { ResponseComparison } from "./compare-responses.js";

export interface ResponseDecision {
  readonly name: string;
  /** Who is right. `open`: the specification leaves it to the implementation. */
  readonly right: "node" | "other" | "open";
  readonly reason: string;
  readonly explains: (comparison: ResponseComparison) => boolean;
}

export const responseDecisions: readonly ResponseDecision[] = [
  {
    name: "content type that is not described",
    right: "node",
    reason:
      "The keys of content are the media types of the response (OpenAPI 3.1, Response Object). The other one holds a type that is not among them to the first one's schema.",
    explains: ({ ours, response }) =>
      response.mutation === "content type unknown" && ours !== null && ours.includes("/content-type"),
  },
  {
    name: "null as a body",
    right: "node",
    reason:
      "null is a JSON text (RFC 8259, section 2) that a schema may admit. The other one takes it for no body.",
    explains: ({ ours, theirs, response }) =>
      response.body === "null" && ours === null && theirs === "response body required.",
  },
  {
    name: "keywords beside a reference in 3.0",
    right: "node",
    reason:
      "What stands beside a $ref is ignored (OpenAPI 3.0.3, Reference Object), which an import says with `schema.sibling_ignored`. The other one holds values to it.",
    explains: ({ document, is30, ours, theirs }) =>
      is30 &&
      ours === null &&
      /must be equal to one of the allowed values: paf/.test(theirs ?? "") &&
      document.startsWith("@ideal-postcodes/"),
  },
  {
    name: "pattern with look-ahead",
    right: "other",
    reason:
      "The pattern cannot be matched in linear time: the import leaves it out, with `schema.pattern_dropped` in its report, and the check takes more (ADR 0212).",
    explains: ({ ours, theirs }) =>
      ours === null && /^\/response\S* must match pattern .*\(\?[!=<]/.test(theirs ?? ""),
  },
  {
    name: "responses that report an error",
    right: "node",
    reason:
      "A response is held to what is described for its status, whatever that is (OpenAPI 3.1, Responses Object). The other one does not look at bodies of 500 and above.",
    explains: ({ ours, theirs, response }) => response.status >= 500 && ours !== null && theirs === null,
  },
];
