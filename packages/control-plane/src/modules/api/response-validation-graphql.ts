/** The GraphQL enum of what happens to responses that do not match. */
import type { ResponseValidation } from "@latchkey/snapshot";
import { registerEnumType } from "type-graphql";

export const ResponseValidationEnum = {
  OFF: "off",
  REPORT: "report",
  REFUSE: "refuse",
} as const satisfies Record<string, ResponseValidation>;
registerEnumType(ResponseValidationEnum, {
  name: "ResponseValidation",
  description: "What ingress nodes do with a response that does not match the route's operation.",
  valuesConfig: {
    OFF: { description: "Responses are not checked." },
    REPORT: { description: "It is counted and logged, and reaches the client." },
    REFUSE: { description: "The client gets status 502 instead." },
  },
});
