/** The filters of the audit log: the common ones in a row, the others behind "More filters". */
import { Button, NativeSelect, Popover, TextInput } from "@mantine/core";
import { Icon } from "../../ui/icon.js";
import { SearchField } from "../../ui/search-field.js";
import type { ListParams } from "../../ui/use-list-params.js";
import { SubscriptionSelect } from "../subscriptions/subscription-select.js";
import classes from "./activity.module.css";
import { actionNames } from "./activity-words.js";

export function ActivityFilters({ params }: { readonly params: ListParams }) {
  const more = ["subscription", "address", "target"].filter((name) => params.get(name) !== "").length;
  return (
    <>
      <NativeSelect
        className={classes.action ?? ""}
        aria-label="Action"
        value={params.get("action")}
        onChange={(event) => params.set({ action: event.currentTarget.value })}
        data={[{ value: "", label: "All actions" }, ...actionNames]}
      />
      <SearchField
        value={params.get("actor")}
        onChange={(actor) => params.set({ actor })}
        label="Operator"
        placeholder="Operator"
      />
      <TimeFilters className={classes.beside ?? ""} params={params} />
      <Popover position="bottom-start" shadow="md" trapFocus returnFocus width={320}>
        <Popover.Target>
          <Button variant="default" leftSection={<Icon name="filter" size={15} />}>
            More filters{more > 0 ? ` (${more})` : ""}
          </Button>
        </Popover.Target>
        <Popover.Dropdown aria-label="More filters">
          <MoreFilters params={params} />
        </Popover.Dropdown>
      </Popover>
    </>
  );
}

/** Beside the other filters; on a phone among those behind "More filters". */
function TimeFilters({ className, params }: { readonly className: string; readonly params: ListParams }) {
  return (
    <>
      <TimeFilter label="From" name="since" className={className} params={params} />
      <TimeFilter label="Until" name="until" className={className} params={params} />
    </>
  );
}

interface TimeFilterProps {
  readonly label: string;
  readonly name: string;
  readonly className: string;
  readonly params: ListParams;
}

function TimeFilter({ label, name, className, params }: TimeFilterProps) {
  return (
    <TextInput
      className={className}
      type="datetime-local"
      aria-label={label}
      leftSection={<span className={classes.time}>{label}</span>}
      leftSectionWidth={48}
      value={params.get(name)}
      onChange={(event) => params.set({ [name]: event.currentTarget.value })}
    />
  );
}

function MoreFilters({ params }: { readonly params: ListParams }) {
  return (
    <div className={classes.more}>
      <TimeFilters className={classes.inMore ?? ""} params={params} />
      <SubscriptionSelect
        label="Subscription"
        placeholder="All subscriptions"
        isClearable
        value={params.get("subscription") || null}
        onChange={(subscription) => params.set({ subscription })}
      />
      <TextInput
        label="Client address"
        placeholder="192.0.2.7"
        defaultValue={params.get("address")}
        onBlur={(event) => params.set({ address: event.currentTarget.value.trim() })}
        onKeyDown={(event) => event.key === "Enter" && event.currentTarget.blur()}
        autoComplete="off"
        spellCheck={false}
      />
      <TextInput
        label="Object id"
        placeholder="key_… or int_…"
        defaultValue={params.get("target")}
        onBlur={(event) => params.set({ target: event.currentTarget.value.trim() })}
        onKeyDown={(event) => event.key === "Enter" && event.currentTarget.blur()}
        autoComplete="off"
        spellCheck={false}
      />
    </div>
  );
}
