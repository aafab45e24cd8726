/** What is done to headers on the way to the integration and back. */
import {
  HEADER_RULES_HELP,
  type HeaderRulesValues,
  headerRulesInputs,
} from "../../policies/header-rules-inputs.js";
import { type LinesField, LinesInputs } from "../../ui/lines-inputs.js";
import { Panel } from "../../ui/page.js";
import classes from "./integration-form.module.css";
import type { IntegrationPanelProps } from "./integration-form-state.js";

const headerTexts: readonly LinesField<keyof HeaderRulesValues | "spelledHeaders">[] = [
  ...headerRulesInputs,
  {
    name: "spelledHeaders",
    label: "Header names as written",
    description: "One per line. Other names are sent in lower case.",
    placeholder: "SOAPAction",
  },
];

export function IntegrationHeaders({ value, errors, set }: IntegrationPanelProps) {
  return (
    <Panel title="Headers" description={HEADER_RULES_HELP}>
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
