/** Builds the address of a webhook: route, parameters and query as fields. The key is pasted, or revealed when copying. */
import { NativeSelect, PasswordInput, TextInput } from "@mantine/core";
import { useState } from "react";
import { useQuery } from "urql";
import { ApiRoutesDocument } from "../../gen/api-routes.js";
import { CopyButton } from "../../ui/copy-button.js";
import { KEY_PLACEHOLDER, parametersOf } from "../try-it/request-parts.js";
import type { KeyRef } from "./key-ref.js";
import { useRevealKey } from "./use-reveal-key.js";
import classes from "./webhook-builder.module.css";
import { webhookUrl } from "./webhook-url.js";

export interface WebhookBuilderProps {
  readonly apiId: string;
  readonly apiKey: KeyRef;
  readonly isRecoverable: boolean;
}

export function WebhookBuilder({ apiId, apiKey, isRecoverable }: WebhookBuilderProps) {
  const reveal = useRevealKey();
  const [secret, setSecret] = useState("");
  const [routeId, setRouteId] = useState("");
  const [parameters, setParameters] = useState<Readonly<Record<string, string>>>({});
  const [query, setQuery] = useState("");
  const [{ data }] = useQuery({ query: ApiRoutesDocument, variables: { id: apiId } });
  const routes = data?.api?.routes;
  const route = routes?.find((each) => each.id === routeId) ?? routes?.[0];
  if (data === undefined) return null;
  if (route === undefined || routes === undefined)
    return <p className="lk-problem">This API has no routes yet: add one first.</p>;
  const { path } = route;
  const urlWith = (key: string) => webhookUrl({ ...data.server, path, parameters, query, secret: key });

  async function urlToCopy(): Promise<string | null> {
    if (secret !== "") return urlWith(secret);
    if (!isRecoverable) return urlWith(KEY_PLACEHOLDER);
    const known = await reveal(apiKey);
    return known === null ? null : urlWith(known);
  }

  return (
    <div className={classes.fields}>
      <NativeSelect
        label="Route"
        value={route.id}
        onChange={(event) => setRouteId(event.currentTarget.value)}
        data={routes.map((each) => ({ value: each.id, label: `${each.method} ${each.path}` }))}
      />
      {parametersOf(path).map((name) => (
        <TextInput
          key={name}
          label={name.replace(/\*$/, "")}
          aria-label={`Path parameter ${name.replace(/\*$/, "")}`}
          description="Path parameter"
          value={parameters[name] ?? ""}
          onChange={(event) => setParameters({ ...parameters, [name]: event.currentTarget.value })}
          autoComplete="off"
        />
      ))}
      <TextInput
        label="Query"
        description="Other query parameters for the integration; may be empty"
        placeholder="source=shop"
        value={query}
        onChange={(event) => setQuery(event.currentTarget.value)}
        autoComplete="off"
        spellCheck={false}
      />
      {!isRecoverable && (
        <PasswordInput
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
          {urlWith(secret === "" ? KEY_PLACEHOLDER : `${secret.slice(0, 9)}…`)}
        </output>
        <CopyButton text={urlToCopy} label="Copy URL" variant="filled" />
      </div>
    </div>
  );
}
