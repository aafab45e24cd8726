/** The menu of one key. */
import { ActionIcon, Menu } from "@mantine/core";
import { useSaved } from "../../receipts/receipt-store.js";
import { copyText } from "../../ui/copy-button.js";
import { DangerItem } from "../../ui/danger-item.js";
import { Icon } from "../../ui/icon.js";
import { toast } from "../../ui/toasts.js";
import { useApiHead } from "../apis/api-head.js";
import type { KeyRow } from "./key-form-state.js";
import { toggleKey } from "./toggle-key.js";
import type { KeyActions } from "./use-key-actions.js";

/** What opens a dialog. */
export type KeyMenuChoice = "edit" | "regenerate" | "webhook" | "delete";

export interface KeyMenuProps {
  readonly apiKey: KeyRow;
  readonly actions: KeyActions;
  readonly onChoose: (choice: KeyMenuChoice) => void;
  /** Beside buttons: looks like them. */
  readonly isFramed?: boolean;
}

export function KeyMenu({ apiKey: read, actions, onChoose, isFramed = false }: KeyMenuProps) {
  const apiKey = useSaved(read);
  const api = useApiHead();

  async function copy(): Promise<void> {
    const secret = await actions.reveal(apiKey);
    if (secret !== null && (await copyText(secret))) toast(`“${apiKey.name}” copied`, "ok", apiKey.id);
  }

  return (
    <Menu position="bottom-end" width={250} returnFocus>
      <Menu.Target>
        <ActionIcon
          variant={isFramed ? "default" : "subtle"}
          color="gray"
          size={isFramed ? 30 : "md"}
          aria-label={`Actions of key ${apiKey.name}`}
        >
          <Icon name="dots" size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<Icon name="pencil" />} onClick={() => onChoose("edit")}>
          Edit
        </Menu.Item>
        <Menu.Item
          leftSection={apiKey.active ? <Icon name="ban" /> : <Icon name="check" />}
          onClick={() => void toggleKey(actions, apiKey)}
        >
          {apiKey.active ? "Disable" : "Enable"}
        </Menu.Item>
        {apiKey.recoverable && (
          <Menu.Item leftSection={<Icon name="copy" />} onClick={() => void copy()}>
            Copy key
          </Menu.Item>
        )}
        {apiKey.mode === "WEBHOOK" && (
          <Menu.Item leftSection={<Icon name="link" />} onClick={() => onChoose("webhook")}>
            Show webhook URL
          </Menu.Item>
        )}
        <Menu.Item leftSection={<Icon name="refresh" />} onClick={() => onChoose("regenerate")}>
          Regenerate
        </Menu.Item>
        <Menu.Item
          component="a"
          href={`/apis/${api.id}/openapi.json?version=3.1&key=${apiKey.id}`}
          download
          leftSection={<Icon name="download" />}
          title="What the scopes of this key admit, as OpenAPI 3.1"
        >
          OpenAPI document
        </Menu.Item>
        <Menu.Divider />
        <DangerItem icon="trash" onClick={() => onChoose("delete")}>
          Delete
        </DangerItem>
      </Menu.Dropdown>
    </Menu>
  );
}
