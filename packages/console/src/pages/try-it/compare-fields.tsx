/** Sends the same request with another key as well: thousands of APIs may share a path, and only the key tells them apart. */
import { Checkbox } from "@mantine/core";
import { ApiSelect } from "../apis/api-select.js";
import { KeyFields } from "./key-fields.js";
import classes from "./try-it.module.css";
import type { Compare } from "./use-compare.js";

export function CompareFields({ compare }: { readonly compare: Compare }) {
  return (
    <div className={classes.stack}>
      <Checkbox
        label="Compare with another key"
        description="Sends the same request with both keys and shows which integration each one reaches."
        checked={compare.isOn}
        onChange={(event) => compare.setOn(event.currentTarget.checked)}
      />
      {compare.isOn && (
        <fieldset className={classes.compared} aria-label="The other key">
          <ApiSelect
            label="API of the other key"
            placeholder="Choose an API"
            value={compare.apiId}
            onChange={(chosen) => compare.chooseApi(chosen?.id ?? null)}
          />
          {compare.choice.api !== null && <KeyFields label="Other key" choice={compare.choice} />}
        </fieldset>
      )}
    </div>
  );
}
