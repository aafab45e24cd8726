// Responses that no honest server gives. The client must get a response it can trust, a 502 or 504, or one that is
// visibly cut; and what an upstream adds must never become the response to another request.
import type { Row } from "../support/row.js";
import { connectionPolicies, connections } from "./hostile-connections.js";
import { framing } from "./hostile-framing.js";
import { headPolicies, heads } from "./hostile-heads.js";

export const hostileUpstream: readonly Row[] = [
  ...framing,
  ...heads,
  ...headPolicies,
  ...connections,
  ...connectionPolicies,
];
