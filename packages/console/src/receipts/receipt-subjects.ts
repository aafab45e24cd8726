/** Names of receipts that do not belong to one object. */

/** Recording of an API was started or stopped: shown beside its switch. */
export function recordingReceiptsOf(apiId: string): string {
  return `recording of ${apiId}`;
}

/** What was done to keys of an API from its header: shown there, with the key's name. */
export function keyReceiptsOf(apiId: string): string {
  return `keys of ${apiId}`;
}
