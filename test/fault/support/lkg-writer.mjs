// A node's last-known-good file without the node: loads what is there, says what that is, then applies and writes one
// revision after the other until it is killed. Revision n has the same content in each process: see contentAt.
// Lines: "loaded <number> <digest> <damaged>", "flushed <number>" (it is on disk), "asked <number>" (it may be).
import { writeSync } from "node:fs";
import { ok, systemClock } from "@latchkey/core";
import { createLogger } from "@latchkey/observe";
import { LastKnownGood } from "../../../packages/ingress/dist/sync/last-known-good.js";
import { RevisionApplier } from "../../../packages/ingress/dist/sync/revision-applier.js";
import { TableBuilder } from "../../../packages/ingress/dist/table/build-table.js";
import { CurrentTable } from "../../../packages/ingress/dist/table/current-table.js";
import { digestAfter } from "../../../packages/ingress/dist/table/table-change.js";
import { contentAt, EPOCH, recordAt } from "./lkg-content.mjs";

const [directory = "", mode = "write"] = process.argv.slice(2);
const NO_SIGNATURE = new Uint8Array(0);
/** Every so many revisions comes as a full snapshot, and makes a new base file. */
const FULL_EVERY = 5;

const factory = { create: ({ id }) => ok({ id, retire: () => undefined }) };
const clock = systemClock;
const currentTable = new CurrentTable(clock);
const applier = new RevisionApplier({
  currentTable,
  factory,
  clock,
  publicKey: null,
  acceptLowerEpoch: false,
});
const log = createLogger({ name: "lkg", level: "error" });
const disk = new LastKnownGood({ directory, log });
const say = (line) => writeSync(1, `${line}\n`);

const report = await disk.load(applier);
applier.observers.push(disk);
const loaded = applier.standing();
const digest = loaded === null ? "-" : Buffer.from(loaded.digest).toString("hex");
say(`loaded ${loaded?.revision.number ?? 0} ${digest} ${report.damaged.length}`);
if (mode === "read") {
  await disk.close();
  process.exit(0);
}

for (let number = (loaded?.revision.number ?? 0) + 1; ; number++) {
  say(`asked ${number}`);
  const outcome =
    currentTable.table === null || number % FULL_EVERY === 0 ? await full(number) : await delta(number);
  if (outcome?.kind !== "applied") throw new Error(`revision ${number} is not applied: ${outcome?.detail}`);
  await disk.flushed();
  if (disk.failure !== "") throw new Error(disk.failure);
  say(`flushed ${number}`);
}

async function full(number) {
  const revision = { epoch: EPOCH, number };
  const records = contentAt(number);
  const twin = new TableBuilder(revision, factory, null);
  await twin.add(records);
  applier.beginSnapshot(revision);
  await applier.addChunk(0, records);
  return applier.endSnapshot({
    revision,
    digest: twin.table.digest.bytes(),
    resourceCount: records.length,
    signature: NO_SIGNATURE,
  });
}

async function delta(number) {
  const table = currentTable.table;
  const change = { upserts: [recordAt(number)], removals: [] };
  return await applier.applyDelta({
    from: table.revision,
    to: { epoch: EPOCH, number },
    change,
    digest: digestAfter(table, change).bytes(),
    signature: NO_SIGNATURE,
  });
}
