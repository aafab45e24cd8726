/** Bounds of a request; empty ones are those of the node. */
import { NumberInput } from "@mantine/core";
import { Panel } from "../../ui/page.js";
import classes from "./integration-form.module.css";
import { type IntegrationPanelProps, limitLabels, limitNames } from "./integration-form-state.js";

export function IntegrationLimits({ value, errors, set }: IntegrationPanelProps) {
  return (
    <Panel title="Limits" description="Empty: the node's configured default.">
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
            thousandSeparator=" "
            hideControls
          />
        ))}
      </div>
    </Panel>
  );
}
