/** The methods a route can have, as GraphQL shows and takes them. Apart from api-graphql.ts, since other nouns show them too. */
import { registerEnumType } from "type-graphql";
import type { RouteMethod } from "./api.js";

export const RouteMethodEnum = {
  GET: "GET",
  HEAD: "HEAD",
  POST: "POST",
  PUT: "PUT",
  PATCH: "PATCH",
  DELETE: "DELETE",
  OPTIONS: "OPTIONS",
  ANY: "ANY",
} as const satisfies Record<RouteMethod, RouteMethod>;
registerEnumType(RouteMethodEnum, {
  name: "RouteMethod",
  description: "Method of the client's request that a route takes.",
  valuesConfig: {
    GET: { description: "GET." },
    HEAD: { description: "HEAD." },
    POST: { description: "POST." },
    PUT: { description: "PUT." },
    PATCH: { description: "PATCH." },
    DELETE: { description: "DELETE." },
    OPTIONS: { description: "OPTIONS." },
    ANY: { description: "Every method that no other route of the same path names." },
  },
});
