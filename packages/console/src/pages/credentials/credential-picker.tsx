/** Chooses the credentials of an integration, in the order in which they are shown. */
import { ActionIcon } from "@mantine/core";
import { useCallback } from "react";
import { Link } from "react-router";
import { useClient } from "urql";
import { CredentialOptionsDocument } from "../../gen/credential-options.js";
import { Icon } from "../../ui/icon.js";
import { type Option, RemoteSelect } from "../../ui/remote-select.js";
import { kindLabels } from "./credential-kinds.js";
import classes from "./credentials.module.css";

const OPTIONS_MAX = 30;
const CREDENTIALS_MAX = 4;

export interface CredentialPickerProps {
  readonly subscriptionId: string | null;
  /** Their kinds are the options' details. */
  readonly value: readonly Option[];
  readonly error: string | null;
  readonly onChange: (credentials: readonly Option[]) => void;
}

export function CredentialPicker({ subscriptionId, value, error, onChange }: CredentialPickerProps) {
  const client = useClient();
  const load = useCallback(
    async (search: string): Promise<readonly Option[]> => {
      const words = search.trim() === "" ? null : search;
      const variables = { first: OPTIONS_MAX, filter: { subscriptionId, search: words } };
      const { data, error: failure } = await client
        .query(CredentialOptionsDocument, variables, { requestPolicy: "network-only" })
        .toPromise();
      if (data === undefined) throw failure ?? new Error("no response");
      return data.credentials.nodes
        .filter(({ id }) => !value.some((chosen) => chosen.id === id))
        .map(({ id, name, kind }) => ({ id, label: name, detail: kindLabels[kind] }));
    },
    [client, subscriptionId, value],
  );
  return (
    <>
      {value.length > 0 && (
        <ul className={classes.chosen} aria-label="Credentials">
          {value.map(({ id, label, detail }) => (
            <li key={id}>
              <Link className={classes.chosenName} to={`/credentials/${id}`}>
                <bdi>{label}</bdi>
              </Link>
              <span className={classes.chosenKind}>{detail}</span>
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={`Remove ${label}`}
                onClick={() => onChange(value.filter((chosen) => chosen.id !== id))}
              >
                <Icon name="x" />
              </ActionIcon>
            </li>
          ))}
        </ul>
      )}
      {value.length < CREDENTIALS_MAX && (
        <div className={classes.add}>
          <RemoteSelect
            label="Add a credential"
            placeholder={subscriptionId === null ? "Choose a subscription first" : "Choose a credential"}
            value={null}
            isDisabled={subscriptionId === null}
            onChange={(option) => option !== null && onChange([...value, option])}
            load={load}
            emptyText="No credential of this subscription matches."
          />
        </div>
      )}
      {error !== null && (
        <p className="lk-problem" role="alert">
          {error}
        </p>
      )}
    </>
  );
}
