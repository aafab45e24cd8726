/** The address to paste into a sender that cannot set headers: key and flag stand in its query. */
import { Button, NativeSelect, PasswordInput } from "@mantine/core";
import { useEffect, useState } from "react";
import { useQuery } from "urql";
import { ApiRoutesDocument } from "../../gen/api-routes.js";
import { CopyButton } from "../../ui/copy-button.js";
import { Dialog, DialogActions } from "../../ui/dialog.js";
import type { KeyRef } from "./use-key-actions.js";
import { useRevealKey } from "./use-reveal-key.js";
import classes from "./webhook-dialog.module.css";

export interface WebhookDialogProps {
  /** Null: closed. */
  readonly apiId: string | null;
  readonly apiKey: KeyRef | null;
  readonly isRecoverable: boolean;
  readonly onClose: () => void;
}

const PLACEHOLDER = "YOUR_API_KEY";

/** `https://ingress/orders?Connxio-Api-Key=lk_…&Connxio-Api-Webhook=true` */
function webhookUrl(parts: {
  readonly ingressUrl: string;
  readonly path: string;
  readonly keyHeader: string;
  readonly webhookFlag: string;
  readonly secret: string;
}): string {
  const query = new URLSearchParams({ [parts.keyHeader]: parts.secret, [parts.webhookFlag]: "true" });
  return `${parts.ingressUrl.replace(/(?<!\/)\/+$/, "")}${parts.path}?${query}`;
}

export function WebhookDialog({ apiId, apiKey, isRecoverable, onClose }: WebhookDialogProps) {
  const reveal = useRevealKey();
  const [secret, setSecret] = useState("");
  const [routeId, setRouteId] = useState("");
  const [{ data }] = useQuery({
    query: ApiRoutesDocument,
    variables: { id: apiId ?? "" },
    pause: apiId === null || apiKey === null,
  });
  const isOpen = apiId !== null && apiKey !== null;
  useEffect(() => {
    if (!isOpen) setSecret("");
  }, [isOpen]);

  const routes = data?.api?.routes ?? [];
  const route = routes.find((each) => each.id === routeId) ?? routes[0];
  const server = data?.server;
  const shownUrl =
    server === undefined || route === undefined
      ? ""
      : webhookUrl({
          ingressUrl: server.ingressUrl ?? "https://your-ingress",
          path: route.path,
          keyHeader: server.keyHeader,
          webhookFlag: server.webhookFlag,
          secret: secret === "" ? PLACEHOLDER : secret,
        });

  async function urlToCopy(): Promise<string | null> {
    if (apiKey === null || server === undefined || route === undefined) return null;
    const known = secret !== "" ? secret : isRecoverable ? await reveal(apiKey) : null;
    return shownUrl.replace(PLACEHOLDER, encodeURIComponent(known ?? PLACEHOLDER));
  }

  return (
    <Dialog title="Webhook URL" opened={isOpen} onClose={onClose} size="lg">
      <p className="lk-muted">
        Paste this address into the sender. Key and flag stand in the query, because senders of webhooks
        cannot set headers; the ingress takes both out before it forwards.
      </p>
      {routes.length === 0 ? (
        <p className="lk-problem">This API has no routes yet: add one first.</p>
      ) : (
        <>
          <NativeSelect
            mt="sm"
            label="Route"
            value={route?.id ?? ""}
            onChange={(event) => setRouteId(event.currentTarget.value)}
            data={routes.map((each) => ({ value: each.id, label: `${each.method} ${each.path}` }))}
          />
          {!isRecoverable && (
            <PasswordInput
              mt="sm"
              label="API key"
              description="This key was shown once; paste it here to complete the address. It stays on this page."
              value={secret}
              onChange={(event) => setSecret(event.currentTarget.value.trim())}
              autoComplete="off"
              visibilityToggleButtonProps={{ "aria-label": "Show or hide the key" }}
            />
          )}
          <div className={classes.url}>
            <output aria-label="Webhook URL" data-testid="webhook-url">
              {secret === ""
                ? shownUrl
                : shownUrl.replace(encodeURIComponent(secret), `${secret.slice(0, 9)}…`)}
            </output>
            <CopyButton text={urlToCopy} label="Copy URL" variant="filled" />
          </div>
        </>
      )}
      <DialogActions>
        <Button variant="default" onClick={onClose}>
          Close
        </Button>
      </DialogActions>
    </Dialog>
  );
}
