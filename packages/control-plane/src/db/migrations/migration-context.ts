/** What differs between the dialects and matters to a migration. */
export interface MigrationContext {
  readonly bytesType: "blob" | "bytea";
}
