/** A route's parameters as fields: those of its path, then those of the query, which can be added and removed. */
import { ActionIcon, Button, Checkbox, TextInput } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import type { FieldErrors } from "../../graphql/user-errors.js";
import { Icon } from "../../ui/icon.js";
import { ParameterFields } from "./parameter-fields.js";
import { type Parameters, type ParametersChange, pathParameters, queryParameters } from "./parameters.js";
import classes from "./parameters.module.css";

export interface ParameterListProps {
  readonly parameters: Parameters | null;
  readonly path: string;
  /** Relative to the parameters: `query.1.schema`. */
  readonly errors: FieldErrors;
  readonly onChange: (change: ParametersChange) => void;
}

/** Fields that show their own refusals. */
export const listedFields = /^(path\..+\.schema|query\.\d+\.(name|schema))$/;

export function ParameterList({ parameters, path, errors, onChange }: ParameterListProps) {
  const inPath = pathParameters(parameters, path);
  const query = queryParameters(parameters);
  const list = useRef<HTMLDivElement>(null);
  const focusNext = useRef<string | null>(null);
  const [announcement, setAnnouncement] = useState("");

  // A new parameter is named first; after a removal the focus stays near.
  // biome-ignore lint/correctness/useExhaustiveDependencies: after each change of the list
  useEffect(() => {
    if (focusNext.current === null) return;
    list.current?.querySelector<HTMLElement>(`[data-focus="${focusNext.current}"]`)?.focus();
    focusNext.current = null;
  }, [parameters]);

  function add(): void {
    focusNext.current = `query-${query.length}`;
    onChange({ kind: "addQuery" });
  }

  function removeQuery(index: number): void {
    const next = Math.min(index, query.length - 2);
    focusNext.current = next < 0 ? "add-query" : `query-${next}`;
    setAnnouncement(`Query parameter ${index + 1} removed.`);
    onChange({ kind: "removeQuery", index });
  }

  function removePath(name: string): void {
    focusNext.current = "add-query";
    setAnnouncement(`Path parameter ${name} removed.`);
    onChange({ kind: "removePath", name });
  }

  return (
    <div className={classes.list} ref={list}>
      {inPath.length > 0 && <h4 className={classes.title}>Path</h4>}
      {inPath.map(({ name, entry, isInPath }) => (
        <ParameterFields
          key={name}
          place="path"
          entry={entry}
          name={`Path parameter ${name}`}
          schemaError={errors.at(`path.${name}.schema`)}
          onChange={(fields) => onChange({ kind: "setPath", name, fields })}
          head={
            <>
              <code>{`{${name}}`}</code>
              {!isInPath && <span className={classes.stale}>Not in the path</span>}
            </>
          }
          remove={
            isInPath ? undefined : (
              <RemoveButton label={`Remove path parameter ${name}`} onClick={() => removePath(name)} />
            )
          }
        />
      ))}
      <h4 className={classes.title}>Query</h4>
      {query.length === 0 && <p className={classes.hint}>None is declared; any are passed on.</p>}
      {query.map((entry, index) => {
        const name = `Query parameter ${index + 1}`;
        const text = typeof entry.name === "string" ? entry.name : "";
        return (
          <ParameterFields
            // biome-ignore lint/suspicious/noArrayIndexKey: in JSON nothing else tells them apart, and the fields keep no state
            key={index}
            place="query"
            entry={entry}
            name={name}
            schemaError={errors.at(`query.${index}.schema`)}
            onChange={(fields) => onChange({ kind: "setQuery", index, fields })}
            head={
              <TextInput
                size="xs"
                label="Name"
                withAsterisk
                classNames={{ input: classes.mono ?? "" }}
                data-focus={`query-${index}`}
                value={text}
                error={errors.at(`query.${index}.name`)}
                onChange={(event) =>
                  onChange({ kind: "setQuery", index, fields: { name: event.currentTarget.value } })
                }
                placeholder="page"
                autoComplete="off"
                autoCapitalize="off"
                spellCheck={false}
              />
            }
            option={
              <Checkbox
                className={classes.required ?? ""}
                size="xs"
                label="Required"
                checked={entry.required === true}
                onChange={(event) =>
                  onChange({ kind: "setQuery", index, fields: { required: event.currentTarget.checked } })
                }
              />
            }
            remove={
              <RemoveButton
                label={text === "" ? `Remove query parameter ${index + 1}` : `Remove query parameter ${text}`}
                onClick={() => removeQuery(index)}
              />
            }
          />
        );
      })}
      <div>
        <Button
          variant="default"
          size="xs"
          leftSection={<Icon name="plus" size={14} />}
          data-focus="add-query"
          onClick={add}
        >
          Add query parameter
        </Button>
      </div>
      <div className="lk-visually-hidden" role="status">
        {announcement}
      </div>
    </div>
  );
}

function RemoveButton({ label, onClick }: { readonly label: string; readonly onClick: () => void }) {
  return (
    <ActionIcon variant="subtle" color="red" aria-label={label} onClick={onClick}>
      <Icon name="trash" />
    </ActionIcon>
  );
}
