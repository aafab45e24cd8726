/** Bounds of a request, of which empty ones are those of the node, and of all requests together. */
import { NumberInput } from "@mantine/core";
import { LimitsInputs } from "../../policies/limit-inputs.js";
import policyClasses from "../../policies/policies.module.css";
import { Panel } from "../../ui/page.js";
import classes from "./integration-form.module.css";
import { type IntegrationPanelProps, limitLabels, limitNames } from "./integration-form-state.js";

export function IntegrationLimits({ value, errors, set }: IntegrationPanelProps) {
  return (
    <Panel
      title="Limits"
      description="Empty: the node's configured default. Rate limit and quota are shared by all routes to this integration."
    >
      <div className={classes.numbers}>
        {limitNames.map((name) => (
          <NumberInput
            key={name}
            label={limitLabels[name].label}
            suffix={limitLabels[name].unit === "" ? "" : ` ${limitLabels[name].unit}`}
            placeholder="Default"
            value={value.limits[name]}
            error={errors.at(`limits.${name}`)}
            onChange={(number) => set({ limits: { ...value.limits, [name]: number } })}
            min={0}
            allowDecimal={false}
            allowNegative={false}
            thousandSeparator=","
            hideControls
          />
        ))}
      </div>
      <div className={`${policyClasses.pair} ${classes.below}`}>
        <LimitsInputs values={value} errors={errors} set={set} />
      </div>
    </Panel>
  );
}
