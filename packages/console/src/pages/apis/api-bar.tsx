/** The actions of one API: its document, its keys by name, and the menu for the rest. */
import { ActionIcon, Button, Menu } from "@mantine/core";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";
import { DangerItem } from "../../ui/danger-item.js";
import { Icon } from "../../ui/icon.js";
import { useChangeParams } from "../../ui/use-change-params.js";
import { RegenerateDialog } from "../keys/regenerate-dialog.js";
import { useKeyActions } from "../keys/use-key-actions.js";
import { WebhookDialog } from "../keys/webhook-dialog.js";
import { OpenApiOverlay } from "../openapi/openapi-overlay.js";
import { OPERATION_PARAM } from "../openapi/operation-link.js";
import { TryItDrawer } from "../try-it/try-it-drawer.js";
import type { ApiHead, HeadKey } from "./api-head.js";
import { ApiKeyMenuItems } from "./api-key-menu-items.js";
import { CopyKeyButton } from "./copy-key-button.js";
import { DeleteApi } from "./delete-api.js";
import { DuplicateApiDialog } from "./duplicate-api-dialog.js";
import { KeyGoneDialog } from "./key-gone-dialog.js";

type Opened =
  | { readonly kind: "none" | "delete" | "duplicate" }
  | { readonly kind: "regenerate" | "webhook" | "keyGone"; readonly key: HeadKey };

const closed: Opened = { kind: "none" };

export function ApiBar({ api }: { readonly api: ApiHead }) {
  const [opened, setOpened] = useState<Opened>(closed);
  const actions = useKeyActions(api.id);
  const close = () => setOpened(closed);
  const keyOf = (kind: "regenerate" | "webhook" | "keyGone") =>
    opened.kind === kind && "key" in opened ? opened.key : null;
  const goneKey = keyOf("keyGone");

  return (
    <>
      <Button
        component={Link}
        to="?try="
        size="xs"
        leftSection={<Icon name="player-play" size={14} />}
        preventScrollReset
      >
        Try it
      </Button>
      <Button
        component={Link}
        to="?view=openapi"
        variant="default"
        size="xs"
        leftSection={<Icon name="book" size={14} />}
        preventScrollReset
      >
        OpenAPI spec
      </Button>
      <CopyKeyButton api={api} actions={actions} onGone={(key) => setOpened({ kind: "keyGone", key })} />
      <Menu position="bottom-end" width={280} returnFocus>
        <Menu.Target>
          <ActionIcon variant="default" size={30} aria-label="More actions of this API">
            <Icon name="dots" size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown aria-label="Actions of this API">
          <ApiKeyMenuItems api={api} actions={actions} onOpen={(kind, key) => setOpened({ kind, key })} />
          <Menu.Item component={Link} to={`/apis/${api.id}/import`} leftSection={<Icon name="file-import" />}>
            Import OpenAPI…
          </Menu.Item>
          <Menu.Item leftSection={<Icon name="copy" />} onClick={() => setOpened({ kind: "duplicate" })}>
            Duplicate API…
          </Menu.Item>
          <DangerItem icon="trash" onClick={() => setOpened({ kind: "delete" })}>
            Delete API
          </DangerItem>
        </Menu.Dropdown>
      </Menu>

      <RegenerateDialog apiKey={keyOf("regenerate")} isRecoverable={api.recoverable} onClose={close} />
      <WebhookDialog
        apiId={api.id}
        apiKey={keyOf("webhook")}
        isRecoverable={api.recoverable}
        onClose={close}
      />
      <KeyGoneDialog
        opened={goneKey !== null}
        onClose={close}
        onRegenerate={() => goneKey !== null && setOpened({ kind: "regenerate", key: goneKey })}
      />
      <DuplicateApiDialog api={api} opened={opened.kind === "duplicate"} onClose={close} />
      <DeleteApi api={api} opened={opened.kind === "delete"} onClose={close} />
      <Overlay api={api} />
      <TryItDrawer apiId={api.id} />
    </>
  );
}

function Overlay({ api }: { readonly api: ApiHead }) {
  const [params] = useSearchParams();
  const change = useChangeParams();
  return (
    <OpenApiOverlay
      apiId={params.get("view") === "openapi" ? api.id : null}
      title={api.title}
      onClose={() => change({ view: null, [OPERATION_PARAM]: null })}
    />
  );
}
