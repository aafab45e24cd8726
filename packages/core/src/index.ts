/** The pure kernel both planes share: errors, ids, keys, route patterns. No I/O, no dependencies. */
export * from "./address-policy.js";
export * from "./api-key.js";
export * from "./assert.js";
export * from "./client-network.js";
export * from "./clock.js";
export * from "./console-cookies.js";
export * from "./error-codes.js";
export * from "./gateway-error.js";
export * from "./http-grammar.js";
export * from "./ids.js";
export * from "./ip.js";
export * from "./json-pointer.js";
export * from "./key-digest.js";
export * from "./operation-rules.js";
export * from "./problem.js";
export * from "./result.js";
export * from "./route-pattern.js";
