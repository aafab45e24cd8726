/** Why a part of an OpenAPI document has no counterpart in an Api, by where it stands. For people. */

const byLastKey: { readonly [key: string]: string } = {
  callbacks: "Callbacks are calls in the other direction; a route has none.",
  webhooks: "Webhooks of the document are calls in the other direction; an Api has routes only.",
  links: "Links between operations are not kept.",
  headers: "Response headers come from the integration and are not described.",
  encoding: "The encoding of form fields is not kept.",
  servers: "Routes are served at the gateway's public URL.",
  security: "The gateway's API key takes the place of the document's security.",
  securitySchemes: "The gateway's API key takes the place of the document's security.",
  externalDocs: "Links to other documentation are not kept.",
  tags: "Operations are grouped by the first segment of their path.",
  deprecated: "A route is there or not; it is never deprecated.",
  description: "There is no place for this description.",
  summary: "There is no place for this summary.",
  trace: "TRACE cannot be routed: it is a loop-back test that reflects credentials.",
  requestBody: "Content has no meaning in a request of this method (RFC 9110).",
  contact: "Contact data is not kept.",
  license: "Licence data is not kept.",
  termsOfService: "Terms of service are not kept.",
  jsonSchemaDialect: "Schemas are read in the dialect of the OpenAPI version.",
  example: "This example is not kept: there is one for the request and one for the response.",
  examples: "Further examples are not kept: there is one for the request and one for the response.",
  allowReserved: "How a parameter is escaped is left to the client.",
  allowEmptyValue: "Empty values are left to the schema.",
};

export function reasonFor(tokens: readonly string[]): string {
  const last = tokens.at(-1) ?? "";
  const parent = tokens.at(-2) ?? "";
  if (last.startsWith("x-")) return "Extensions are not kept.";
  if (parent === "responses" && tokens[0] === "paths") {
    return "An Api describes one answer of its integration; other answers are the gateway's own.";
  }
  if (tokens[0] === "components" && tokens.length === 3) return "No route uses it.";
  if (parent === "parameters") return "Only path and query parameters are described.";
  if (parent === "tags") return byLastKey.tags as string;
  if (parent === "content") return "Only one schema of a body is kept.";
  return (Object.hasOwn(byLastKey, last) ? byLastKey[last] : undefined) ?? "An Api has nothing like it.";
}
