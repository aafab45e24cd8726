/** Which operations are listed: by words, by what is done to them, by tag and by server. */
import { NativeSelect, UnstyledButton } from "@mantine/core";
import { useMemo } from "react";
import { SearchField } from "../../ui/search-field.js";
import {
  distinct,
  type FateCounts,
  fateLabels,
  type ImportFate,
  type ImportRow,
  noFilter,
  type RowFilter,
} from "./import-rows.js";
import classes from "./operation-filter.module.css";

export interface OperationFilterProps {
  readonly rows: readonly ImportRow[];
  readonly counts: FateCounts;
  readonly filter: RowFilter;
  readonly onChange: (filter: RowFilter) => void;
}

const fates: readonly (ImportFate | "MISSING")[] = [
  "MISSING",
  "ADDED",
  "CHANGED",
  "REMOVED",
  "NOT_READ",
  "UNCHANGED",
  "KEPT",
];

export function OperationFilter({ rows, counts, filter, onChange }: OperationFilterProps) {
  const tags = useMemo(() => distinct(rows, (row) => row.tags).toSorted(), [rows]);
  const servers = useMemo(
    () => distinct(rows, ({ serverUrl }) => (serverUrl === null ? [] : [serverUrl])),
    [rows],
  );
  const set = (fields: Partial<RowFilter>) => onChange({ ...filter, ...fields });
  return (
    <search className={classes.filter}>
      <fieldset className={classes.fates} aria-label="What is done">
        <FateButton isPressed={filter.fate === null} onClick={() => set({ fate: null })} count={rows.length}>
          All
        </FateButton>
        {fates.map((fate) =>
          counts[fate] === 0 && filter.fate !== fate ? null : (
            <FateButton
              key={fate}
              isPressed={filter.fate === fate}
              count={counts[fate]}
              onClick={() => set({ fate: filter.fate === fate ? null : fate })}
            >
              {fate === "MISSING" ? "Without integration" : fateLabels[fate]}
            </FateButton>
          ),
        )}
      </fieldset>
      <div className={classes.fields}>
        <SearchField
          value={filter.text}
          onChange={(text) => set({ text })}
          label="Filter operations"
          placeholder="Method, path, summary or operation id"
        />
        {tags.length > 0 && (
          <Choice
            label="Tag"
            all="All tags"
            values={tags}
            value={filter.tag}
            onChange={(tag) => set({ tag })}
          />
        )}
        {servers.length > 1 && (
          <Choice
            label="Server"
            all="All servers"
            values={servers}
            value={filter.serverUrl}
            onChange={(serverUrl) => set({ serverUrl })}
          />
        )}
        {filter !== noFilter && (
          <UnstyledButton className={classes.clear ?? ""} onClick={() => onChange(noFilter)}>
            Clear filter
          </UnstyledButton>
        )}
      </div>
    </search>
  );
}

function FateButton(props: {
  readonly isPressed: boolean;
  readonly count: number;
  readonly onClick: () => void;
  readonly children: string;
}) {
  return (
    <UnstyledButton className={classes.fate ?? ""} aria-pressed={props.isPressed} onClick={props.onClick}>
      {props.children}
      <span className={classes.count}>{props.count.toLocaleString("en")}</span>
    </UnstyledButton>
  );
}

function Choice(props: {
  readonly label: string;
  readonly all: string;
  readonly values: readonly string[];
  readonly value: string | null;
  readonly onChange: (value: string | null) => void;
}) {
  return (
    <NativeSelect
      className={classes.choice ?? ""}
      aria-label={props.label}
      data={[{ value: "", label: props.all }, ...props.values.map((value) => ({ value, label: value }))]}
      value={props.value ?? ""}
      onChange={(event) => props.onChange(event.currentTarget.value || null)}
    />
  );
}
