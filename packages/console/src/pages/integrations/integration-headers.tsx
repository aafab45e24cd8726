/** What is done to headers on the way to the integration and back. */
import { LinesInputs } from "../../ui/lines-inputs.js";
import { Panel } from "../../ui/page.js";
import classes from "./integration-form.module.css";
import type { IntegrationPanelProps } from "./integration-form-state.js";

const headerTexts = [
  {
    name: "requestHeaderRules",
    label: "Request header rules",
    description: "On the way to the integration.",
    placeholder: "set X-Tenant: north",
  },
  {
    name: "responseHeaderRules",
    label: "Response header rules",
    description: "On the way to the client.",
    placeholder: "remove Server",
  },
  {
    name: "spelledHeaders",
    label: "Header names as written",
    description: "One a line. Other names are sent in lower case.",
    placeholder: "SOAPAction",
  },
] as const;

export function IntegrationHeaders({ value, errors, set }: IntegrationPanelProps) {
  return (
    <Panel
      title="Headers"
      description="One rule a line: set, append or remove. Values can hold {path.id}, {query.name}, {header.x-name}, {interchangeId}, {key.id} and {key.name}."
    >
      <div className={classes.fields}>
        <LinesInputs
          fields={headerTexts}
          classNames={{ input: classes.mono ?? "" }}
          minRows={2}
          maxRows={12}
          values={value}
          errors={errors}
          set={set}
        />
      </div>
    </Panel>
  );
}
