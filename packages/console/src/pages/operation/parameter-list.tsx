/** A route's parameters as fields: those of its path, then those of query, headers and cookies, which can be added and removed. */
import { ActionIcon, Button, Checkbox, TextInput } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import type { FieldErrors } from "../../graphql/user-errors.js";
import { Icon } from "../../ui/icon.js";
import {
  type Operation,
  type OperationChange,
  type OtherPlace,
  otherParameters,
  otherPlaces,
  parametersOf,
  pathParameters,
} from "./operation.js";
import classes from "./operation.module.css";
import { ParameterFields } from "./parameter-fields.js";

export interface ParameterListProps {
  readonly operation: Operation | null;
  readonly path: string;
  /** Relative to the operation: `parameters.1.schema`. */
  readonly errors: FieldErrors;
  readonly onChange: (change: OperationChange) => void;
}

/** Fields that show their own errors. */
export const listedFields = /^(summary|parameters\.\d+\.(name|schema))$/;

const placeLabels: Readonly<Record<OtherPlace, string>> = {
  query: "Query",
  header: "Headers",
  cookie: "Cookies",
};
const placeNouns: Readonly<Record<OtherPlace, string>> = {
  query: "query parameter",
  header: "header",
  cookie: "cookie",
};

export function ParameterList({ operation, path, errors, onChange }: ParameterListProps) {
  const inPath = pathParameters(operation, path);
  const list = useRef<HTMLDivElement>(null);
  const focusNext = useRef<string | null>(null);
  const [announcement, setAnnouncement] = useState("");

  // A new parameter is named first; after a removal the focus stays near.
  // biome-ignore lint/correctness/useExhaustiveDependencies: after each change of the list
  useEffect(() => {
    if (focusNext.current === null) return;
    list.current?.querySelector<HTMLElement>(`[data-focus="${focusNext.current}"]`)?.focus();
    focusNext.current = null;
  }, [operation]);

  function add(place: OtherPlace): void {
    focusNext.current = `parameter-${parametersOf(operation).length}`;
    onChange({ kind: "addParameter", place });
  }

  /** `place`: whose list the focus stays in. */
  function remove(index: number, place: OtherPlace, name: string): void {
    const others = otherParameters(operation, place).filter((other) => other.index !== index);
    const next = others.find((other) => other.index > index) ?? others.at(-1);
    const nextIndex = next === undefined ? null : next.index > index ? next.index - 1 : next.index;
    focusNext.current = nextIndex === null ? `add-${place}` : `parameter-${nextIndex}`;
    setAnnouncement(`${name} removed.`);
    onChange({ kind: "removeParameter", index });
  }

  return (
    <div className={classes.list} ref={list}>
      {inPath.length > 0 && <h4 className={classes.title}>Path</h4>}
      {inPath.map(({ name, index, entry, isInPath }) => (
        <ParameterFields
          key={name}
          place="path"
          entry={entry}
          name={`Path parameter ${name}`}
          schemaError={index === null ? null : errors.at(`parameters.${index}.schema`)}
          onChange={(fields) => onChange({ kind: "setPath", name, fields })}
          head={
            <>
              <code>{`{${name}}`}</code>
              {!isInPath && <span className={classes.stale}>Not in the path</span>}
            </>
          }
          remove={
            isInPath || index === null ? undefined : (
              <RemoveButton
                label={`Remove path parameter ${name}`}
                onClick={() => remove(index, "query", `Path parameter ${name}`)}
              />
            )
          }
        />
      ))}
      {otherPlaces.map((place) => (
        <PlaceParameters
          key={place}
          place={place}
          operation={operation}
          errors={errors}
          onChange={onChange}
          onRemove={(index, name) => remove(index, place, name)}
        />
      ))}
      <div className={classes.adds}>
        {otherPlaces.map((place) => (
          <Button
            key={place}
            variant="default"
            size="xs"
            leftSection={<Icon name="plus" size={14} />}
            data-focus={`add-${place}`}
            onClick={() => add(place)}
          >
            Add {placeNouns[place]}
          </Button>
        ))}
      </div>
      <div className="lk-visually-hidden" role="status">
        {announcement}
      </div>
    </div>
  );
}

interface PlaceParametersProps {
  readonly place: OtherPlace;
  readonly operation: Operation | null;
  readonly errors: FieldErrors;
  readonly onChange: (change: OperationChange) => void;
  readonly onRemove: (index: number, name: string) => void;
}

function PlaceParameters({ place, operation, errors, onChange, onRemove }: PlaceParametersProps) {
  const parameters = otherParameters(operation, place);
  if (parameters.length === 0) return null;
  const noun = placeNouns[place];
  return (
    <>
      <h4 className={classes.title}>{placeLabels[place]}</h4>
      {parameters.map(({ index, entry }, i) => {
        const name = `${noun.charAt(0).toUpperCase()}${noun.slice(1)} ${i + 1}`;
        const text = typeof entry.name === "string" ? entry.name : "";
        return (
          <ParameterFields
            key={index}
            place={place}
            entry={entry}
            name={name}
            schemaError={errors.at(`parameters.${index}.schema`)}
            onChange={(fields) => onChange({ kind: "setParameter", index, fields })}
            head={
              <TextInput
                size="xs"
                label="Name"
                withAsterisk
                classNames={{ input: classes.mono ?? "" }}
                data-focus={`parameter-${index}`}
                value={text}
                error={errors.at(`parameters.${index}.name`)}
                onChange={(event) =>
                  onChange({ kind: "setParameter", index, fields: { name: event.currentTarget.value } })
                }
                placeholder={place === "header" ? "X-Tenant" : "page"}
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
                  onChange({ kind: "setParameter", index, fields: { required: event.currentTarget.checked } })
                }
              />
            }
            remove={
              <RemoveButton
                label={text === "" ? `Remove ${noun} ${i + 1}` : `Remove ${noun} ${text}`}
                onClick={() => onRemove(index, name)}
              />
            }
          />
        );
      })}
    </>
  );
}

function RemoveButton({ label, onClick }: { readonly label: string; readonly onClick: () => void }) {
  return (
    <ActionIcon variant="subtle" color="red" aria-label={label} onClick={onClick}>
      <Icon name="trash" />
    </ActionIcon>
  );
}
