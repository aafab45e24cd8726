/** What is said of a schema that was read: left out, changed, or without effect. */

export type SchemaNoteCode =
  | "schema.keyword_dropped"
  | "schema.keyword_ignored"
  | "schema.extension_dropped"
  | "schema.sibling_ignored"
  | "schema.nullable_ignored"
  | "schema.discriminator_ignored"
  | "schema.keyword_invalid"
  | "schema.pattern_dropped"
  | "schema.pattern_respelled"
  | "schema.unsatisfiable"
  | "schema.ref_remote"
  | "schema.ref_unresolved"
  | "schema.renamed"
  | "schema.too_large"
  | "schema.loosened";

export interface SchemaNote {
  readonly code: SchemaNoteCode;
  /** RFC 6901, into the document that the schema was read from. */
  readonly pointer: string;
  readonly message: string;
}
