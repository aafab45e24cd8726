/** Where an API's id leads. Keys hold the reference, so a change of the API touches no key. */
import type { CompiledApi } from "./compiled-api.js";
import type { IntegrationHandle } from "./integration-ref.js";

export class ApiRef<I extends IntegrationHandle = IntegrationHandle> {
  readonly id: string;
  /** Null: the API does not exist, or is quarantined. */
  current: CompiledApi<I> | null = null;
  /** Keys that hold this reference; the table drops it when there are none and the API is gone. */
  keyCount = 0;

  constructor(id: string) {
    this.id = id;
  }
}
