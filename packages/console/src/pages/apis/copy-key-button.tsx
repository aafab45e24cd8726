/** Copies a key of the API. With several keys, asks which one. */
import { Button, Menu } from "@mantine/core";
import { CopyButton, copyText } from "../../ui/copy-button.js";
import { Icon } from "../../ui/icon.js";
import { toast } from "../../ui/toasts.js";
import type { KeyActions } from "../keys/use-key-actions.js";
import type { ApiHead, HeadKey } from "./api-head.js";
import { KeyLine } from "./api-key-menu-items.js";

export interface CopyKeyButtonProps {
  readonly api: ApiHead;
  readonly actions: KeyActions;
  /** The secret was shown once and is not kept. */
  readonly onGone: (key: HeadKey) => void;
}

export function CopyKeyButton({ api, actions, onGone }: CopyKeyButtonProps) {
  const { nodes } = api.keys;
  const [first] = nodes;
  if (first === undefined) return null;

  async function secretOf(key: HeadKey): Promise<string | null> {
    if (api.recoverable) return await actions.reveal(key);
    onGone(key);
    return null;
  }

  async function copy(key: HeadKey): Promise<void> {
    const secret = await secretOf(key);
    if (secret !== null && (await copyText(secret))) toast(`Key “${key.name}” copied`, "ok", key.id);
  }

  if (nodes.length === 1)
    return <CopyButton text={() => secretOf(first)} label="API key" done="Key copied" />;
  return (
    <Menu position="bottom-end" width={280} returnFocus>
      <Menu.Target>
        <Button
          variant="default"
          size="xs"
          leftSection={<Icon name="copy" size={14} />}
          rightSection={<Icon name="chevron-down" size={14} />}
        >
          API key
        </Button>
      </Menu.Target>
      <Menu.Dropdown aria-label="Key to copy" mah={360} style={{ overflowY: "auto" }}>
        {nodes.map((key) => (
          <Menu.Item key={key.id} onClick={() => void copy(key)}>
            <KeyLine apiKey={key} />
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
