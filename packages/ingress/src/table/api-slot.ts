/** Where an API's id leads. Keys hold the slot, so a change of the API touches no key. */
import type { ApiEntry } from "./compiled-api.js";
import type { IntegrationHandle } from "./integration-slot.js";

export class ApiSlot<I extends IntegrationHandle = IntegrationHandle> {
  readonly id: string;
  /** Null: the API does not exist, or was put aside. */
  current: ApiEntry<I> | null = null;
  /** Keys that hold this slot; the table drops it when there are none and the API is gone. */
  keyCount = 0;

  constructor(id: string) {
    this.id = id;
  }
}
