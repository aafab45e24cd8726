/** `@latchkey/client`: requests to a control plane, with the types of its GraphQL schema. */
export * from "./gen/operations.js";
export { LatchkeyClient, type LatchkeyClientOptions } from "./latchkey-client.js";
export { type GraphqlError, LatchkeyError } from "./latchkey-error.js";
export { type TypedDocument, typedDocument } from "./typed-document.js";
