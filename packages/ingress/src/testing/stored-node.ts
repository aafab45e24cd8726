import { ok, systemClock } from "@latchkey/core";
import { createLogger } from "@latchkey/observe";
import type { ResourceRecord, Revision } from "@latchkey/snapshot";
import { expect } from "vitest";
import { LastKnownGood } from "../sync/last-known-good.js";
import { RevisionApplier } from "../sync/revision-applier.js";
import { TableBuilder } from "../table/build-table.js";
import { CurrentTable } from "../table/current-table.js";
import type { IntegrationHandle } from "../table/integration-ref.js";
import { digestAfter, type TableChange } from "../table/table-change.js";

const NO_SIGNATURE = new Uint8Array(0);
const factory = {
  create: (resource: { readonly id: string }) =>
    ok({ id: resource.id, limits: null, credentialIds: [], link: () => undefined, retire: () => undefined }),
  createCredential: () => ({ problem: null, look: () => undefined }),
};

/** A node's state and its disk, without a stream. Tests only. */
export class StoredNode {
  readonly currentTable = new CurrentTable<IntegrationHandle>(systemClock);
  readonly applier: RevisionApplier<IntegrationHandle>;
  readonly disk: LastKnownGood;
  readonly logLines: string[] = [];

  constructor(directory: string) {
    this.applier = new RevisionApplier({
      currentTable: this.currentTable,
      factory,
      clock: systemClock,
      publicKey: null,
      acceptLowerEpoch: false,
    });
    const log = createLogger({
      name: "test",
      level: "debug",
      stream: { write: (line: string) => void this.logLines.push(line) },
    });
    this.disk = new LastKnownGood({ directory, log });
  }

  async start() {
    const report = await this.disk.load(this.applier);
    this.applier.observers.push(this.disk);
    return report;
  }

  async snapshot(revision: Revision, records: readonly ResourceRecord[]): Promise<void> {
    const twin = new TableBuilder<IntegrationHandle>(revision, factory, null);
    await twin.add(records);
    this.applier.beginSnapshot(revision);
    await this.applier.addChunk(0, records);
    const outcome = this.applier.endSnapshot({
      revision,
      digest: twin.table.digest.bytes(),
      resourceCount: records.length,
      signature: NO_SIGNATURE,
    });
    expect(outcome?.kind).toBe("applied");
  }

  async delta(change: TableChange): Promise<void> {
    const table = this.currentTable.table;
    if (table === null) throw new Error("no table");
    const from = table.revision;
    const outcome = await this.applier.applyDelta({
      from,
      to: { ...from, number: from.number + 1 },
      change,
      digest: digestAfter(table, change).bytes(),
      signature: NO_SIGNATURE,
    });
    expect(outcome.kind).toBe("applied");
  }

  get fingerprint(): string {
    const table = this.currentTable.table;
    if (table === null) return "nothing";
    return `${table.revision.epoch}/${table.revision.number} ${Buffer.from(table.digest.bytes()).toString("hex")}`;
  }
}
