/** Where operations lead that have no integration: to one, or to integrations made of the document's servers. */
import { Radio, TextInput } from "@mantine/core";
import { Disclosure } from "../../ui/disclosure.js";
import { Panel } from "../../ui/page.js";
import { IntegrationSelect } from "../integrations/integration-select.js";
import classes from "./import-form.module.css";
import type { Import } from "./use-import.js";

export function IntegrationsPanel({ made }: { readonly made: Import }) {
  const { settings, set, target, counts } = made;
  const subscriptionId = target === null ? settings.subscriptionId : target.subscription.id;
  return (
    <Panel
      title="Integrations"
      description="Routes keep their integration. An operation gets the integration that is named like its summary. This choice is for all others."
    >
      <Radio.Group
        aria-label="Operations without an integration"
        value={settings.rest}
        onChange={(rest) => set({ rest: rest === "servers" ? "servers" : "one" })}
      >
        <div className={classes.options}>
          <Radio value="one" label="Use one integration" description="Or choose them for operations below." />
          {settings.rest === "one" && (
            <div className={classes.nested}>
              <IntegrationSelect
                label="Integration of all others"
                isLabelHidden
                isClearable
                subscriptionId={subscriptionId}
                value={settings.integration}
                error={made.errorsAt("mapping.default")}
                onChange={(integration) => set({ integration })}
              />
            </div>
          )}
          <Radio
            value="servers"
            label="Create integrations from the document's servers"
            description="One for each URL of server and path. Existing integrations are reused."
          />
          {settings.rest === "servers" && (
            <div className={classes.nested}>
              <TextInput
                label="Server URL"
                description="Instead of the document's servers."
                placeholder="https://orders.example/v1"
                value={settings.serverUrl}
                error={made.errorsAt("serverUrl")}
                onChange={(event) => set({ serverUrl: event.currentTarget.value })}
                autoComplete="off"
                spellCheck={false}
              />
              <MadeIntegrations made={made} />
            </div>
          )}
        </div>
      </Radio.Group>
      {counts.MISSING > 0 && (
        <p className={classes.missing} role="status">
          {counts.MISSING === 1
            ? "1 operation has no integration yet."
            : `${counts.MISSING.toLocaleString("en")} operations have no integration yet.`}
        </p>
      )}
    </Panel>
  );
}

const LISTED_MAX = 200;

/** What a dry run says would be created. */
function MadeIntegrations({ made }: { readonly made: Import }) {
  const integrations = made.preview.listed?.integrations ?? [];
  if (integrations.length === 0) return <p className="lk-muted">No integration has to be created.</p>;
  const count = integrations.length.toLocaleString("en");
  return (
    <Disclosure
      className={classes.disclosure}
      summary={`${count} ${integrations.length === 1 ? "integration" : "integrations"} will be created`}
    >
      {() => (
        <ul className={classes.made}>
          {integrations.slice(0, LISTED_MAX).map(({ id, name, urls }) => (
            <li key={id}>
              <span className="lk-break">{name}</span>
              <code className="lk-break">{urls.join(", ")}</code>
            </li>
          ))}
          {integrations.length > LISTED_MAX && (
            <li className="lk-muted">and {(integrations.length - LISTED_MAX).toLocaleString("en")} more</li>
          )}
        </ul>
      )}
    </Disclosure>
  );
}
