/** Media types and schemas of the bodies. */
import { Textarea } from "@mantine/core";
import { JsonInput } from "../../ui/json-input.js";
import { Panel } from "../../ui/page.js";
import classes from "./integration-form.module.css";
import type { IntegrationPanelProps } from "./integration-form-state.js";

const contentTypes = [
  {
    name: "requestContentTypes",
    label: "Request media types",
    description: "One a line. Empty: any.",
  },
  {
    name: "responseContentTypes",
    label: "Response media types",
    description: "One a line. Empty: not described.",
  },
] as const;

export function IntegrationContract({ value, errors, set }: IntegrationPanelProps) {
  return (
    <Panel
      title="Contract"
      description="JSON Schemas of the bodies. They make the OpenAPI document, and routes can check requests against them."
    >
      <div className={classes.fields}>
        {contentTypes.map(({ name, label, description }) => (
          <Textarea
            key={name}
            classNames={{ input: classes.mono ?? "" }}
            label={label}
            description={description}
            autosize
            minRows={1}
            maxRows={8}
            value={value[name]}
            error={errors.at(name)}
            onChange={(event) => set({ [name]: event.currentTarget.value })}
            placeholder="application/json"
            spellCheck={false}
          />
        ))}
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
