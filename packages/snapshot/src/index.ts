/** The contract between the planes in domain terms: resources, revisions, digest, diff, signature, codec. */
export * from "./as-buffer.js";
export * from "./codec.js";
export * from "./credential.js";
export * from "./diff.js";
export * from "./digest.js";
export * from "./key-grant.js";
export * from "./packed-record.js";
export * from "./resource.js";
export * from "./revision.js";
export * from "./secret-cipher.js";
export * from "./signature.js";
