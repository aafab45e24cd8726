/** Media types and schemas of the bodies. */
import { JsonInput } from "../../ui/json-input.js";
import { LinesInputs } from "../../ui/lines-inputs.js";
import { Panel } from "../../ui/page.js";
import classes from "./integration-form.module.css";
import type { IntegrationPanelProps } from "./integration-form-state.js";

const contentTypes = [
  {
    name: "requestContentTypes",
    label: "Request media types",
    description: "One per line. Empty: any.",
    placeholder: "application/json",
  },
  {
    name: "responseContentTypes",
    label: "Response media types",
    description: "One per line. Empty: not described.",
    placeholder: "application/json",
  },
] as const;

export function IntegrationContract({ value, errors, set }: IntegrationPanelProps) {
  return (
    <Panel
      title="Contract"
      description="JSON Schemas of the bodies. They make the OpenAPI document, and routes can check requests against them."
    >
      <div className={classes.fields}>
        <LinesInputs
          fields={contentTypes}
          classNames={{ input: classes.mono ?? "" }}
          minRows={1}
          maxRows={8}
          values={value}
          errors={errors}
          set={set}
        />
        <JsonInput
          label="Request schema"
          minRows={4}
          maxRows={20}
          value={value.requestSchema}
          error={errors.at("requestSchema")}
          onChange={(requestSchema) => set({ requestSchema })}
          placeholder='{ "type": "object" }'
        />
        <JsonInput
          label="Response schema"
          minRows={4}
          maxRows={20}
          value={value.responseSchema}
          error={errors.at("responseSchema")}
          onChange={(responseSchema) => set({ responseSchema })}
          placeholder='{ "type": "object" }'
        />
      </div>
    </Panel>
  );
}
