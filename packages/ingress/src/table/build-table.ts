/** Builds a table beside the current one in slices, so that no slice holds the event loop for long. */
import { Pauses } from "@latchkey/core";
import { RecordPacker, type ResourceRecord, type Revision } from "@latchkey/snapshot";
import type { ApisToRecheck } from "./checks.js";
import type { IntegrationHandle } from "./integration-ref.js";
import { RouteTable } from "./route-table.js";
import { commitUpsert, type IntegrationFactory, type PreviousState, prepareRecord } from "./table-change.js";

/** Requests wait for no longer stretch of a change. */
export const SLICE_MS = 4;
/** Records between looks at the clock. */
const STRIDE = 16;
/**
 * Memory outside V8's heap that bodies are packed into. Each new one may make V8 take a step of collecting of 5 to 10 ms,
 * so a table of some hundred MiB is better made of hundreds than of ten thousand.
 */
const BLOCK_BYTES = 256 * 1024;

export class TableBuilder<I extends IntegrationHandle> {
  readonly table: RouteTable<I>;
  readonly #factory: IntegrationFactory<I>;
  readonly #previousState: PreviousState<I>;
  readonly #apisToRecheck: ApisToRecheck;
  readonly #packer = new RecordPacker(BLOCK_BYTES);
  #count = 0;
  /** Over all chunks: many small ones in a row are one long turn otherwise. */
  readonly #pauses = new Pauses(SLICE_MS);

  /**
   * @param previousState the table that this one will replace: counts and health go on from there
   * @param apisToRecheck null: all are checked
   */
  constructor(
    revision: Revision,
    factory: IntegrationFactory<I>,
    previousState: PreviousState<I> | null,
    apisToRecheck: ApisToRecheck = null,
  ) {
    this.#apisToRecheck = apisToRecheck;
    this.table = new RouteTable<I>(revision, previousState?.paths);
    this.#factory = factory;
    this.#previousState = previousState ?? this.table;
  }

  /** Records added. */
  get count(): number {
    return this.#count;
  }

  /** Adds copies of records and gives the event loop a turn now and then. */
  async add(records: Iterable<ResourceRecord>): Promise<void> {
    const { table } = this;
    for (const record of records) {
      if (this.#count++ % STRIDE === 0 && this.#pauses.isDue()) await this.#pauses.pause();
      const kept = this.#packer.pack(record);
      const prepared = prepareRecord(kept, this.#factory, this.#previousState, this.#apisToRecheck);
      commitUpsert(table, prepared, this.#previousState);
      table.digest.add(record);
    }
  }

  /** The build is given up: what was made of integrations goes. */
  discard(): void {
    retireAll(this.table);
  }
}

/** A table is replaced or given up: its integrations take no new requests. */
export function retireAll(table: RouteTable): void {
  for (const reference of table.integrations.values()) reference.current?.retire();
}
