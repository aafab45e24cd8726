/** Exports the audit log as filtered, page by page, up to a bound that the menu names. */
import { Button, Menu } from "@mantine/core";
import { useState } from "react";
import { useClient } from "urql";
import { ActivityDocument } from "../../gen/activity.js";
import { restOfPages } from "../../graphql/rest-of-pages.js";
import { download } from "../../ui/download.js";
import { failureText } from "../../ui/failure.js";
import { counted } from "../../ui/format.js";
import { Icon } from "../../ui/icon.js";
import { toast } from "../../ui/toasts.js";
import type { AuditFilterInput } from "./activity-filter.js";
import { type ExportFormat, exportText } from "./audit-export.js";

const PAGE_SIZE = 100;
/** What restOfPages reads at most: 100 pages. */
const ENTRIES_MAX = 10_000;

const types = { csv: "text/csv;charset=utf-8", ndjson: "application/x-ndjson" } as const;

export interface ExportMenuProps {
  readonly filter: AuditFilterInput;
  readonly total: number;
}

export function ExportMenu({ filter, total }: ExportMenuProps) {
  const client = useClient();
  const [isBusy, setBusy] = useState(false);

  async function pageAfter(after: string | null) {
    const variables = { filter, first: PAGE_SIZE, after, last: null, before: null };
    const { data, error } = await client.query(ActivityDocument, variables, {
      requestPolicy: "network-only",
    });
    if (data === undefined) throw error ?? new Error("no response");
    return data.auditLog;
  }

  async function run(format: ExportFormat): Promise<void> {
    setBusy(true);
    try {
      const first = await pageAfter(null);
      const entries = [...first.nodes, ...(await restOfPages(first, pageAfter))];
      download(`activity.${format}`, types[format], exportText(entries, format));
      toast(`${counted(entries.length, "entry", "entries")} exported`, "ok", "export");
    } catch (error) {
      toast(`Not exported: ${error instanceof Error ? failureText(error) : ""}`, "bad", "export");
    }
    setBusy(false);
  }

  return (
    <Menu position="bottom-end" width={230} returnFocus>
      <Menu.Target>
        <Button
          variant="default"
          leftSection={<Icon name="download" size={15} />}
          loading={isBusy}
          disabled={total === 0}
        >
          Export
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {total > ENTRIES_MAX
            ? `The newest ${ENTRIES_MAX.toLocaleString("en")} of ${total.toLocaleString("en")}`
            : `${counted(total, "entry", "entries")}, as filtered`}
        </Menu.Label>
        <Menu.Item onClick={() => void run("csv")}>CSV</Menu.Item>
        <Menu.Item onClick={() => void run("ndjson")}>JSON, one entry per line</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
