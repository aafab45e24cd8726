/** The keys in an API's menu. Every action names its key; with several keys each has a menu of its own. */
import { Menu } from "@mantine/core";
import { Link } from "react-router";
import { useSaved } from "../../receipts/receipt-store.js";
import { useNow } from "../../ui/clock.js";
import { Icon } from "../../ui/icon.js";
import { toast } from "../../ui/toasts.js";
import { keyState } from "../keys/key-state.js";
import { toggleKey } from "../keys/toggle-key.js";
import type { KeyActions } from "../keys/use-key-actions.js";
import type { ApiHead, HeadKey } from "./api-head.js";
import classes from "./api-key-menu.module.css";

/** More keys are on their own page. */
const LISTED_MAX = 8;

export interface ApiKeyMenuItemsProps {
  readonly api: ApiHead;
  readonly actions: KeyActions;
  readonly onOpen: (dialog: "regenerate" | "webhook", key: HeadKey) => void;
}

export function ApiKeyMenuItems({ api, actions, onOpen }: ApiKeyMenuItemsProps) {
  const { nodes, totalCount } = api.keys;
  const [first] = nodes;
  if (first === undefined) return null;
  if (nodes.length === 1)
    return (
      <>
        <Menu.Label>
          <KeyLine apiKey={first} />
        </Menu.Label>
        <KeyItems apiKey={first} actions={actions} onOpen={onOpen} />
        <Menu.Divider />
      </>
    );
  return (
    <>
      <Menu.Label>Keys</Menu.Label>
      {nodes.slice(0, LISTED_MAX).map((key) => (
        <Menu.Sub key={key.id}>
          <Menu.Sub.Target>
            <Menu.Sub.Item leftSection={<Icon name="key" />}>
              <KeyLine apiKey={key} />
            </Menu.Sub.Item>
          </Menu.Sub.Target>
          <Menu.Sub.Dropdown aria-label={`Actions of key ${key.name}`}>
            <KeyItems apiKey={key} actions={actions} onOpen={onOpen} />
          </Menu.Sub.Dropdown>
        </Menu.Sub>
      ))}
      {totalCount > LISTED_MAX && (
        <Menu.Item component={Link} to={`/apis/${api.id}/keys`}>
          All {totalCount} keys
        </Menu.Item>
      )}
      <Menu.Divider />
    </>
  );
}

/** Name, first characters and state. */
export function KeyLine({ apiKey }: { readonly apiKey: HeadKey }) {
  const { label } = keyState(useSaved(apiKey), useNow());
  return (
    <span className={classes.line}>
      <bdi className={classes.name}>{apiKey.name}</bdi>
      <span className={classes.detail}>
        <code>{apiKey.display}</code> · {label}
      </span>
    </span>
  );
}

interface KeyItemsProps extends Omit<ApiKeyMenuItemsProps, "api"> {
  readonly apiKey: HeadKey;
}

function KeyItems({ apiKey: read, actions, onOpen }: KeyItemsProps) {
  const apiKey = useSaved(read);
  const isWebhook = apiKey.mode === "WEBHOOK";

  async function toggleWebhook(): Promise<void> {
    const problem = await actions.setMode(apiKey, isWebhook ? "HEADER" : "WEBHOOK");
    if (problem !== null) toast(problem, "bad", apiKey.id);
    else if (!isWebhook) onOpen("webhook", apiKey);
  }

  return (
    <>
      <Menu.Item leftSection={<Icon name="power" />} onClick={() => void toggleKey(actions, apiKey)}>
        {apiKey.active ? "Disable" : "Enable"} “{apiKey.name}”
      </Menu.Item>
      <Menu.Item leftSection={<Icon name="plug-connected" />} onClick={() => void toggleWebhook()}>
        Turn webhooks {isWebhook ? "off" : "on"} for “{apiKey.name}”
      </Menu.Item>
      {isWebhook && (
        <Menu.Item leftSection={<Icon name="link" />} onClick={() => onOpen("webhook", apiKey)}>
          Show webhook URL of “{apiKey.name}”
        </Menu.Item>
      )}
      <Menu.Item leftSection={<Icon name="refresh" />} onClick={() => onOpen("regenerate", apiKey)}>
        Regenerate “{apiKey.name}”
      </Menu.Item>
    </>
  );
}
