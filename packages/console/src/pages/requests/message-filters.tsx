/** The filters at the left of the requests: all of them stand in the address. */
import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useQuery } from "urql";
import { MessageScopeDocument } from "../../gen/requests.js";
import { clockMs } from "../../ui/clock.js";
import { Disclosure } from "../../ui/disclosure.js";
import disclosure from "../../ui/disclosure.module.css";
import { localTime } from "../../ui/local-time.js";
import { SearchField } from "../../ui/search-field.js";
import type { ListParams } from "../../ui/use-list-params.js";
import { ApiSelect } from "../apis/api-select.js";
import { AnyIntegrationSelect } from "../integrations/any-integration-select.js";
import { NodeSelect } from "../traffic/node-select.js";
import { CUSTOM, filterNames, outcomes, rangeOf, ranges } from "./message-filter.js";
import classes from "./requests.module.css";

export interface MessageFiltersProps {
  readonly params: ListParams;
  /** That the page is about; null: it can be chosen. */
  readonly apiId: string | null;
}

/** On a phone those that are used least are closed, so that requests are on its first screen. */
const PHONE = "(max-width: 35em)";
const MINUTE_MS = 60_000;
const filtersBehind = filterNames.filter((name) => name !== "id" && name !== "outcome");

export function MessageFilters({ params, apiId }: MessageFiltersProps) {
  const isPhone = useMediaQuery(PHONE, undefined, { getInitialValueInEffect: false });
  const isSet = (name: string) => params.get(name) !== "";
  const setBehind = filtersBehind.filter(isSet).length;
  const more = () => <MoreFilters params={params} apiId={apiId} />;
  return (
    <search className={classes.filters} aria-label="Filters">
      <div className={classes.search}>
        <SearchField
          value={params.get("id")}
          onChange={(id) => params.set({ id })}
          label="Interchange id"
          placeholder="Interchange id"
        />
      </div>
      <TimeFilter params={params} />
      <NativeSelect
        label="Outcome"
        value={params.get("outcome")}
        onChange={(event) => params.set({ outcome: event.currentTarget.value })}
        data={outcomes.map(({ value, label }) => ({ value, label }))}
      />
      {isPhone === true ? (
        <Disclosure
          className={`${classes.moreFilters} ${disclosure.marked}`}
          summary={setBehind === 0 ? "More filters" : `More filters: ${setBehind} set`}
        >
          {() => <div className={classes.filterGrid}>{more()}</div>}
        </Disclosure>
      ) : (
        more()
      )}
      {filterNames.some(isSet) && (
        <Button
          size="xs"
          variant="default"
          onClick={() => params.set(Object.fromEntries(filterNames.map((name) => [name, null])))}
        >
          Clear filters
        </Button>
      )}
    </search>
  );
}

function TimeFilter({ params }: { readonly params: ListParams }) {
  const range = params.get("range");
  const isCustom = range === CUSTOM;
  const choose = (next: string) => {
    if (next !== CUSTOM) return params.set({ range: next, since: null, until: null });
    // What was shown, in whole minutes, to be changed.
    const untilMs = Math.ceil(clockMs() / MINUTE_MS) * MINUTE_MS;
    const since = localTime(new Date(untilMs - rangeOf(range).ms - MINUTE_MS));
    params.set({ range: next, since, until: localTime(new Date(untilMs)) });
  };
  return (
    <>
      <NativeSelect
        label="Time"
        value={isCustom ? CUSTOM : rangeOf(range).value}
        onChange={(event) => choose(event.currentTarget.value)}
        data={[
          ...ranges.map(({ value, label }) => ({ value, label: `Last ${label}` })),
          { value: CUSTOM, label: "Custom range" },
        ]}
      />
      {isCustom &&
        (["since", "until"] as const).map((name) => (
          <TextInput
            key={name}
            className={classes.time ?? ""}
            type="datetime-local"
            label={name === "since" ? "From" : "Until"}
            value={params.get(name)}
            onChange={(event) => params.set({ [name]: event.currentTarget.value })}
          />
        ))}
    </>
  );
}

function MoreFilters({ params, apiId }: MessageFiltersProps) {
  return (
    <>
      <TextFilter label="Status" name="status" placeholder="404" params={params} />
      <TextFilter label="Error code" name="code" placeholder="key.unknown" params={params} />
      {apiId === null && (
        <ApiSelect
          label="API"
          placeholder="All APIs"
          isClearable
          value={params.get("api") || null}
          onChange={(api) => params.set({ api: api?.id ?? null, key: null, route: null })}
        />
      )}
      <ScopeFilters params={params} apiId={apiId ?? params.get("api")} />
      <AnyIntegrationSelect
        label="Integration"
        placeholder="All integrations"
        value={params.get("integration") || null}
        onChange={(integration) => params.set({ integration: integration?.id ?? null })}
      />
      <TextFilter label="Path contains" name="path" placeholder="/orders/" params={params} />
      <div>
        <span className={classes.filterLabel}>Node</span>
        <NodeSelect value={params.get("node")} onChange={(node) => params.set({ node })} />
      </div>
    </>
  );
}

/** Keys and routes of the chosen API; what is in the address without one is shown all the same. */
function ScopeFilters({ params, apiId }: { readonly params: ListParams; readonly apiId: string }) {
  const [{ data }] = useQuery({ query: MessageScopeDocument, variables: { apiId }, pause: apiId === "" });
  const api = data?.api?.id === apiId ? data?.api : null;
  const keys = (api?.keys.nodes ?? []).map(({ id, name }) => ({ value: id, label: name }));
  const routes = (api?.routes ?? []).map(({ id, method, path }) => ({
    value: id,
    label: `${method} ${path}`,
  }));
  return (
    <>
      <ScopeSelect label="Key" name="key" options={keys} params={params} />
      <ScopeSelect label="Route" name="route" options={routes} params={params} />
    </>
  );
}

interface ScopeSelectProps {
  readonly label: string;
  readonly name: string;
  readonly options: readonly { readonly value: string; readonly label: string }[];
  readonly params: ListParams;
}

function ScopeSelect({ label, name, options, params }: ScopeSelectProps) {
  const value = params.get(name);
  if (options.length === 0 && value === "") return null;
  const isListed = value === "" || options.some((option) => option.value === value);
  return (
    <NativeSelect
      label={label}
      value={value}
      onChange={(event) => params.set({ [name]: event.currentTarget.value })}
      data={[
        { value: "", label: "All" },
        ...(isListed ? [] : [{ value, label: value }]),
        ...options.map((option) => ({ ...option })),
      ]}
    />
  );
}

interface TextFilterProps {
  readonly label: string;
  readonly name: string;
  readonly placeholder: string;
  readonly params: ListParams;
}

/** Taken when the field is left, or with Enter. */
function TextFilter({ label, name, placeholder, params }: TextFilterProps) {
  const value = params.get(name);
  return (
    <TextInput
      key={value}
      label={label}
      placeholder={placeholder}
      defaultValue={value}
      onBlur={(event) => {
        const next = event.currentTarget.value.trim();
        if (next !== value) params.set({ [name]: next });
      }}
      onKeyDown={(event) => event.key === "Enter" && event.currentTarget.blur()}
      autoComplete="off"
      spellCheck={false}
    />
  );
}
