import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FakeClock } from "@latchkey/core";
import { createLogger } from "@latchkey/observe";
import { expect, it } from "vitest";
import { openMessagesFile } from "./message-database.js";
import { pageMessages } from "./message-store.js";

const logger = createLogger({ name: "test", level: "silent" });

it("renames a damaged file and begins a new one", async () => {
  const dir = mkdtempSync(join(tmpdir(), "latchkey-messages-"));
  try {
    const path = join(dir, "messages.db");
    writeFileSync(path, "this is no database".repeat(1_000));
    const open = await openMessagesFile(path, new FakeClock(), logger);
    expect(await pageMessages(open.db, {}, 1, null)).toMatchObject({ items: [] });
    await open.close();
    expect(readdirSync(dir).filter((name) => name.startsWith("messages.db.damaged-"))).toHaveLength(1);
  } finally {
    rmSync(dir, { recursive: true });
  }
});
