/**
 * Where the node and the independent validator (express-openapi-validator 5) disagree about a request: who is right by the
 * specification, and why. A disagreement that none of these explains fails the test.
 */
import type { Comparison } from "./compare.js";

export interface Decision {
  readonly name: string;
  /** Who is right. `open`: the specification leaves it to the implementation. */
  readonly right: "node" | "other" | "open";
  readonly reason: string;
  readonly explains: (comparison: Comparison) => boolean;
}

/** What Prism finds wrong with requests that fit. */
export const prismDecisions: readonly { readonly reason: string; readonly pattern: RegExp }[] = [
  {
    reason:
      "In the style form, exploded, a list of one item is written as name=item (OpenAPI 3.1, Style Values). Prism takes it for a list only where type says array at the top.",
    pattern:
      /request\/query\/\w+: Request query parameter \w+ must (?:be array|be null|match a schema in anyOf)/,
  },
  {
    reason:
      "In the style simple, a list is written as a,b (OpenAPI 3.1, Style Values). Prism takes it for a list only where type says array at the top.",
    pattern:
      /request\/header\/x-token: Request header parameter x-token must (?:be array|be null|match a schema in anyOf)/,
  },
  {
    reason:
      "A list in a multipart form is written as parts of one name (OpenAPI 3.1, Special Considerations for multipart Content). Prism takes the last one.",
    pattern: /request\/body\/(?:images|labels): Request body property \w+ must be array/,
  },
];

const isForm = ({ request }: Comparison) =>
  /^(?:application\/x-www-form-urlencoded|multipart\/form-data)/.test(request.headers["content-type"] ?? "");

/** The other one refuses for a reason like this, and the node does not. */
const otherSays = (pattern: RegExp) => (one: Comparison) =>
  one.ours.isTaken && pattern.test(one.theirs.reason);

/** The node refuses for a reason like this, and the other one does not. */
const nodeSays = (pattern: RegExp) => (one: Comparison) =>
  one.theirs.isTaken && pattern.test(one.ours.reason);

export const decisions: readonly Decision[] = [
  {
    name: "optional body absent",
    right: "node",
    reason:
      "requestBody.required is false by default (OpenAPI 3.1, Request Body Object): a request without a body needs no content type.",
    explains: (one) => one.ours.isTaken && one.request.body === null && one.theirs.status === 415,
  },
  {
    name: "empty form",
    right: "open",
    reason:
      "A form without a field has no bytes, as has no body: where the body is optional, nothing tells them apart, and the node takes it as none.",
    explains: (one) => one.ours.isTaken && isForm(one) && one.request.body === "",
  },
  {
    name: "values of forms",
    right: "node",
    reason:
      "Values of a form are the values that their schemas speak of (OpenAPI 3.1, Encoding Object). The other one holds texts to integer, boolean and array.",
    explains: (one) => isForm(one) && otherSays(/must be (?:integer|number|boolean|array|object|null)/)(one),
  },
  {
    name: "reserved characters in a query",
    right: "open",
    reason:
      "RFC 3986, section 3.4, allows sub-delims such as '!' in a query. allowReserved is about how a client writes; what came is clear.",
    explains: otherSays(/must be url encoded/),
  },
  {
    name: "one value of anyOf a list and null",
    right: "node",
    reason:
      "In the style form, exploded, a list of one item is written as name=item (OpenAPI 3.1, Style Values). The other one takes it for a list only where type says array at the top.",
    explains: otherSays(/request\/query\/\S+ must be array, .* must match a schema in anyOf/),
  },
  {
    name: "brackets in a name",
    right: "node",
    reason:
      "`state[]` is a name as any other: no style but deepObject gives brackets a meaning (OpenAPI 3.1, Style Values). The other one takes its values for those of `state`.",
    explains: (one) =>
      otherSays(/request\/query\/state must be string/)(one) && one.request.target.includes("state%5B%5D="),
  },
  {
    name: "list of one empty text",
    right: "node",
    reason: "In the style form, exploded, `name=` is a list of one empty text (RFC 6570, section 3.2.8).",
    explains: (one) =>
      otherSays(/request\/query\/\S+ must be array/)(one) && /is empty$/.test(one.request.mutation ?? ""),
  },
  {
    name: "styles that the other one does not read",
    right: "node",
    reason:
      "simple, label, matrix and form have a written form for lists and objects in path, header and cookie (OpenAPI 3.1, Style Examples).",
    explains: otherSays(
      /Parameter 'style' has incorrect value|request\/(?:params|headers|cookies|query)\/\S+ must be (?:object|array|integer|number|boolean)/,
    ),
  },
  {
    name: "mapping by name",
    right: "node",
    reason:
      "mapping leads to a schema by its name or by a reference (OpenAPI 3.1, Discriminator Object). The other one knows references only.",
    explains: (one) =>
      otherSays(/'[^']+' must be equal to one of the allowed values: /)(one) && hasDiscriminator(one),
  },
  {
    name: "discriminator below the top of a body",
    right: "node",
    reason:
      "A discriminator selects the schema wherever it stands (OpenAPI 3.0.3, Discriminator Object). The other one looks for it at the top of a body only.",
    explains: (one) =>
      hasDiscriminator(one) &&
      (otherSays(/must match exactly one schema in oneOf/)(one) ||
        nodeSays(/must match \\"then\\" schema/)(one)),
  },
  {
    name: "null in a parameter",
    right: "open",
    reason:
      "OpenAPI leaves open how null is written (3.1.1, Appendix B). The node takes an empty text for it; the other one takes 0, false and null too.",
    explains: nodeSays(/"in":"(?:query|path|header|cookie)".*must be null/),
  },
  {
    name: "deepObject without brackets",
    right: "open",
    reason:
      "deepObject writes name[property]=value (OpenAPI 3.1, Style Examples); nothing is said of name=value. The node refuses what is plainly meant for the parameter and cannot be read.",
    explains: (one) =>
      nodeSays(/The parameter is not written as its style says/)(one) &&
      JSON.stringify(one.operation.schemas.parameters).includes("deepObject"),
  },
  {
    name: "allowEmptyValue beside an enum",
    right: "node",
    reason:
      "allowEmptyValue allows an empty value whatever the schema says (OpenAPI 3.1, Parameter Object). The other one holds it to the enum.",
    explains: (one) =>
      otherSays(/request\/query\/\S+ must be equal to one of the allowed values/)(one) &&
      /is empty$/.test(one.request.mutation ?? "") &&
      JSON.stringify(one.operation.schemas.parameters).includes('"allowEmptyValue":true'),
  },
  {
    name: "readOnly properties sent",
    right: "open",
    reason:
      "A readOnly property SHOULD NOT be sent (OpenAPI 3.0.3, Schema Object); one that is sent may be ignored or rejected by who owns the value (JSON Schema Validation 2020-12, section 9.4). That is the integration, so the node takes it. The other one refuses it.",
    explains: (one) =>
      otherSays(/is read-only/)(one) && /^readOnly property/.test(one.request.mutation ?? ""),
  },
  {
    name: "paths that differ in names of parameters only",
    right: "open",
    reason:
      "Such templates are identical and MUST NOT be there both (OpenAPI 3.0.3 and 3.1, Paths Object); of a document that has them nothing is said. The node takes the methods of both, with a note in the report. The other one knows the first one's methods only.",
    explains: (one) => one.ours.isTaken && one.theirs.status === 405,
  },
  {
    name: "pattern with look-ahead",
    right: "other",
    reason:
      "The pattern cannot be matched in linear time: the import leaves it out, with `schema.pattern_dropped` in its report, and the node takes more (ADR 0212).",
    explains: otherSays(/must match pattern .*\(\?[!=<]/),
  },
  {
    name: "schema that the other one cannot compile",
    right: "node",
    reason:
      "The other one fails by itself, with 500: for a pattern, or for `nullable` without `type`, which is no keyword of 3.1 and without effect in 3.0.3.",
    explains: (one) =>
      one.theirs.status === 500 &&
      otherSays(/[Ii]nvalid regular expression|"nullable\\?" cannot be used without/)(one),
  },
];

function hasDiscriminator({ operation }: Comparison): boolean {
  return JSON.stringify(operation.schemas).includes('"discriminator"');
}
