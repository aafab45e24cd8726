/** Builds a table beside the current one in slices, so that no slice holds the event loop for long. */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { ResourceRecord, Version } from "@latchkey/snapshot";
import type { IntegrationHandle } from "./integration-slot.js";
import { RouteTable } from "./route-table.js";
import { commitChange, type Heritage, type IntegrationFactory, prepareRecord } from "./table-change.js";

/** How long a slice may take. */
const SLICE_MS = 4;
/** Records between looks at the clock. */
const STRIDE = 16;

export class TableBuilder<I extends IntegrationHandle> {
  readonly table: RouteTable<I>;
  readonly #factory: IntegrationFactory<I>;
  readonly #heritage: Heritage<I>;

  /** @param heritage the table that this one will replace: counts and health go on from there */
  constructor(version: Version, factory: IntegrationFactory<I>, heritage: Heritage<I> | null) {
    this.table = new RouteTable<I>(version);
    this.#factory = factory;
    this.#heritage = heritage ?? this.table;
  }

  /** Adds records and gives the event loop a turn now and then. */
  async add(records: Iterable<ResourceRecord>): Promise<void> {
    const { table } = this;
    let sliceStart = performance.now();
    let n = 0;
    for (const record of records) {
      const prepared = prepareRecord(record, this.#factory, this.#heritage);
      commitChange(table, { upserts: [prepared], removals: [] }, this.#heritage);
      table.digest.add(record);
      if (++n % STRIDE === 0 && performance.now() - sliceStart > SLICE_MS) {
        await nextTurn();
        sliceStart = performance.now();
      }
    }
  }

  /** The build is given up: what was made of integrations goes. */
  discard(): void {
    retireAll(this.table);
  }
}

/** A table is replaced or given up: its integrations take no new requests. */
export function retireAll(table: RouteTable): void {
  for (const slot of table.integrations.values()) slot.current?.retire();
}
