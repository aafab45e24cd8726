/** Whether requests are checked, what becomes of routes that the document does not have, and the paths' prefix. */
import { Checkbox, NativeSelect, Radio, TextInput } from "@mantine/core";
import type { ImportValidate } from "../../gen/import.js";
import { Panel } from "../../ui/page.js";
import { DeletedRoutes } from "./deleted-routes.js";
import classes from "./import-form.module.css";
import type { ImportSettings } from "./import-settings.js";
import type { Import } from "./use-import.js";

const prefixes: readonly { readonly value: ImportSettings["prefix"]; readonly label: string }[] = [
  { value: "document", label: "From the document" },
  { value: "none", label: "None" },
  { value: "other", label: "Other" },
];

export function ImportOptionsPanel({ made }: { readonly made: Import }) {
  const { settings, set, target } = made;
  return (
    <Panel title="Options">
      <div className={classes.options}>
        <Radio.Group
          label="Check requests"
          value={settings.validate}
          onChange={(validate) => set({ validate: validate as ImportValidate })}
        >
          <div className={classes.radios}>
            {target !== null && (
              <Radio
                value="KEEP"
                label="Keep"
                description="A route keeps what it has; requests to new routes are not checked."
              />
            )}
            <Radio
              value="ON"
              label="On"
              description="Requests that do not match their operation are refused."
            />
            <Radio
              value={target === null ? "KEEP" : "OFF"}
              label="Off"
              description="Requests are not checked."
            />
          </div>
        </Radio.Group>
        {target !== null && (
          <div>
            <Checkbox
              label="Delete routes that the document does not have"
              description="Requests to them fail as soon as nodes have the change."
              checked={settings.replace}
              onChange={(event) => set({ replace: event.currentTarget.checked })}
            />
            {settings.replace && <DeletedRoutes made={made} />}
          </div>
        )}
        <NativeSelect
          label="Prefix of the paths"
          description={
            target === null
              ? "From the document: the path of its first server."
              : "From the document: the path of its first server, unless the routes of this API have none."
          }
          data={prefixes.map((prefix) => ({ ...prefix }))}
          value={settings.prefix}
          onChange={(event) => {
            const prefix = prefixes.find(({ value }) => value === event.currentTarget.value);
            if (prefix !== undefined) set({ prefix: prefix.value });
          }}
        />
        {settings.prefix === "other" && (
          <TextInput
            aria-label="Other prefix of the paths"
            placeholder="/api/v1"
            value={settings.pathPrefix}
            error={made.errorsAt("pathPrefix")}
            onChange={(event) => set({ pathPrefix: event.currentTarget.value })}
            autoComplete="off"
            spellCheck={false}
          />
        )}
      </div>
    </Panel>
  );
}
