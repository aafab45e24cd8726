/** The keys of one API: state, use and limits of each, and what can be done to them. */
import { Button, NativeSelect } from "@mantine/core";
import { useState } from "react";
import { ApiKeysDocument } from "../../gen/keys.js";
import { useNow } from "../../ui/clock.js";
import { Icon } from "../../ui/icon.js";
import { ListPanel } from "../../ui/list-panel.js";
import { SearchField } from "../../ui/search-field.js";
import { useList } from "../../ui/use-list.js";
import { useApiHead } from "../apis/api-head.js";
import { keyColumns } from "./key-columns.js";
import { KeyDialogs, type OpenedKeyDialog } from "./key-dialogs.js";
import { KeyMenu } from "./key-menu.js";
import { useKeyActions } from "./use-key-actions.js";
import { useKeyBulk } from "./use-key-bulk.js";
import { useKeyUsage } from "./use-key-usage.js";

export function KeysPage() {
  const api = useApiHead();
  const list = useList({
    query: ApiKeysDocument,
    variables: ({ get }) => ({
      filter: {
        apiId: api.id,
        search: get("q") || null,
        active: get("state") === "" ? null : get("state") === "active",
      },
    }),
    connection: (data) => data.apiKeys,
    order: { field: "CREATED_AT", direction: "ASC" },
  });
  const { params, rows } = list;
  const actions = useKeyActions(api.id);
  const bulk = useKeyBulk(actions);
  const now = useNow();
  const [opened, setOpened] = useState<OpenedKeyDialog>({ kind: "none" });
  const usage = useKeyUsage(rows);
  const columns = keyColumns(api.id, usage, now, (key) => (
    <KeyMenu apiKey={key} actions={actions} onChoose={(kind) => setOpened({ kind, key })} />
  ));
  const newKey = () => setOpened({ kind: "new" });

  return (
    <>
      <ListPanel
        name="keys"
        title="Keys"
        description="An API can have several keys, so that each client has its own, which can be revoked without affecting the others."
        actions={
          <Button size="xs" leftSection={<Icon name="plus" size={14} />} onClick={newKey}>
            New key
          </Button>
        }
        list={list}
        noun={["key", "keys"]}
        columns={columns}
        rowName={(key) => key.name}
        bulk={bulk}
        filterNames={["q", "state"]}
        nothingFound="Every word must appear in the name or the first characters of the secret."
        filters={
          <>
            <SearchField
              value={params.get("q")}
              onChange={(q) => params.set({ q })}
              label="Search keys"
              placeholder="Search name or first characters"
            />
            <NativeSelect
              aria-label="State"
              value={params.get("state")}
              onChange={(event) => params.set({ state: event.currentTarget.value })}
              data={[
                { value: "", label: "All states" },
                { value: "active", label: "Enabled" },
                { value: "disabled", label: "Disabled" },
              ]}
            />
          </>
        }
        empty={{
          icon: "key",
          title: "This API has no key",
          text: "Without a key nobody can call it.",
          action: <Button onClick={newKey}>New key</Button>,
        }}
      />
      <KeyDialogs opened={opened} actions={actions} onClose={() => setOpened({ kind: "none" })} />
    </>
  );
}
