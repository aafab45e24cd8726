/** The actions of one API: its document, its key, and the menu for the rest. With several keys they act on the first. */
import { ActionIcon, Button, Menu } from "@mantine/core";
import { useState } from "react";
import { Link, useNavigate, useSearchParams } from "react-router";
import { useClient, useMutation } from "urql";
import { DeleteApiDocument } from "../../gen/api-head.js";
import { announceReceipt } from "../../graphql/receipt.js";
import { touching } from "../../graphql/touched.js";
import { ConfirmDialog } from "../../ui/confirm-dialog.js";
import { CopyButton } from "../../ui/copy-button.js";
import { DangerItem } from "../../ui/danger-item.js";
import { failureText } from "../../ui/failure.js";
import { Icon } from "../../ui/icon.js";
import { LEAVING } from "../../ui/unsaved-guard.js";
import { RegenerateDialog } from "../keys/regenerate-dialog.js";
import { useKeyActions } from "../keys/use-key-actions.js";
import { WebhookDialog } from "../keys/webhook-dialog.js";
import { OpenApiOverlay } from "../openapi/openapi-overlay.js";
import type { ApiHead } from "./api-layout.js";
import { KeyGoneDialog } from "./key-gone-dialog.js";

type Opened = "none" | "regenerate" | "delete" | "webhook" | "keyGone";

export function ApiBar({ api }: { readonly api: ApiHead }) {
  const [opened, setOpened] = useState<Opened>("none");
  const [params, setParams] = useSearchParams();
  const keys = useKeyActions();
  const key = api.keys.nodes[0] ?? null;

  async function keyToCopy(): Promise<string | null> {
    if (key === null) return null;
    if (!api.recoverable) {
      setOpened("keyGone");
      return null;
    }
    return keys.reveal(key);
  }

  async function toggleWebhook(): Promise<void> {
    if (key === null) return;
    const isTurnedOn = key.mode === "HEADER";
    if ((await keys.setMode(key, isTurnedOn ? "WEBHOOK" : "HEADER")) && isTurnedOn) setOpened("webhook");
  }

  const close = () => setOpened("none");
  return (
    <>
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
      {key !== null && <CopyButton text={keyToCopy} label="API key" done="Key copied" />}
      <Menu position="bottom-end" width={250} returnFocus>
        <Menu.Target>
          <ActionIcon variant="default" size={30} aria-label="More actions of this API">
            <Icon name="dots" />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown
          aria-label={api.keys.totalCount > 1 && key !== null ? `Actions, on key ${key.name}` : "Actions"}
        >
          {key !== null && (
            <>
              <Menu.CheckboxItem
                closeMenuOnClick
                checked={key.active}
                onChange={(active) => void keys.setActive(key, active)}
              >
                API key active
              </Menu.CheckboxItem>
              <Menu.CheckboxItem
                closeMenuOnClick
                checked={key.mode === "WEBHOOK"}
                onChange={() => void toggleWebhook()}
              >
                Webhook enabled
              </Menu.CheckboxItem>
              {key.mode === "WEBHOOK" && (
                <Menu.Item leftSection={<Icon name="link" />} onClick={() => setOpened("webhook")}>
                  Show webhook URL
                </Menu.Item>
              )}
              <Menu.Item leftSection={<Icon name="refresh" />} onClick={() => setOpened("regenerate")}>
                Regenerate API key
              </Menu.Item>
              <Menu.Divider />
            </>
          )}
          <DangerItem icon="trash" onClick={() => setOpened("delete")}>
            Delete API
          </DangerItem>
        </Menu.Dropdown>
      </Menu>

      <RegenerateDialog
        apiKey={opened === "regenerate" ? key : null}
        isRecoverable={api.recoverable}
        onClose={close}
      />
      <WebhookDialog
        apiId={opened === "webhook" ? api.id : null}
        apiKey={key}
        isRecoverable={api.recoverable}
        onClose={close}
      />
      <KeyGoneDialog
        opened={opened === "keyGone"}
        onClose={close}
        onRegenerate={() => setOpened("regenerate")}
      />
      <DeleteApi api={api} opened={opened === "delete"} onClose={close} />
      <OpenApiOverlay
        apiId={params.get("view") === "openapi" ? api.id : null}
        title={api.title}
        onClose={() =>
          setParams(
            (current) => {
              const next = new URLSearchParams(current);
              next.delete("view");
              return next;
            },
            { preventScrollReset: true },
          )
        }
      />
    </>
  );
}

interface DeleteApiProps {
  readonly api: ApiHead;
  readonly opened: boolean;
  readonly onClose: () => void;
}

function DeleteApi({ api, opened, onClose }: DeleteApiProps) {
  const client = useClient();
  const navigate = useNavigate();
  const [problem, setProblem] = useState<string | null>(null);
  const [{ fetching }, deleteApi] = useMutation(DeleteApiDocument);

  async function confirm(): Promise<void> {
    const { data, error } = await deleteApi({ input: { id: api.id } }, touching("Api"));
    const refusal = data?.deleteApi.userErrors[0];
    if (data === undefined || refusal !== undefined) {
      setProblem(refusal?.message ?? (error === undefined ? "Nothing was deleted." : failureText(error)));
      return;
    }
    void announceReceipt(
      client,
      data.deleteApi.revision,
      `“${api.title}” is deleted`,
      "Its keys are refused",
    );
    await navigate("/apis", LEAVING);
  }

  return (
    <ConfirmDialog
      opened={opened}
      title="Delete this API?"
      confirmLabel="Delete API"
      typed={{ text: api.title, label: "Title of the API" }}
      isDangerous
      isBusy={fetching}
      problem={problem}
      onConfirm={() => void confirm()}
      onClose={() => {
        setProblem(null);
        onClose();
      }}
    >
      <p className="lk-muted">
        Its routes and keys go with it, and callers are refused from then on. This cannot be undone.
      </p>
    </ConfirmDialog>
  );
}
