/** Names of receipts that do not belong to one object. */

/** What was done to keys of an API from its header: shown there, with the key's name. */
export function keyReceiptsOf(apiId: string): string {
  return `keys of ${apiId}`;
}
