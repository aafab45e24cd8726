/** Retries, load balancing, health checks and the circuit breaker. */
import { NativeSelect, NumberInput, TextInput } from "@mantine/core";
import { Panel } from "../../ui/page.js";
import classes from "./integration-form.module.css";
import type { IntegrationFormValue, IntegrationPanelProps } from "./integration-form-state.js";

const healthNumbers = [
  {
    name: "healthTimeout",
    label: "Probe timeout",
    description: "A slower probe has failed.",
    suffix: " ms",
  },
  { name: "unhealthyAfter", label: "Unhealthy after", description: "Failed probes in a row.", suffix: "" },
  { name: "healthyAfter", label: "Healthy after", description: "Good probes in a row.", suffix: "" },
] as const;

export function IntegrationResilience({ value, errors, set }: IntegrationPanelProps) {
  return (
    <Panel title="Resilience">
      <div className={classes.numbers}>
        <NumberInput
          label="Extra attempts"
          description="0: retried only when nothing was sent."
          value={value.retryAttempts}
          error={errors.at("retryAttempts")}
          onChange={(retryAttempts) => set({ retryAttempts })}
          min={0}
          max={10}
          allowDecimal={false}
        />
        <NumberInput
          label="Retry budget"
          description="Retries for each 100 requests."
          value={value.retryBudget}
          error={errors.at("retryBudget")}
          onChange={(retryBudget) => set({ retryBudget })}
          min={0}
          max={100}
          allowDecimal={false}
        />
        <NativeSelect
          label="Load balancing"
          description="With several URLs."
          value={value.loadBalancing}
          onChange={(event) =>
            set({ loadBalancing: event.currentTarget.value as IntegrationFormValue["loadBalancing"] })
          }
          data={[
            { value: "ROUND_ROBIN", label: "Round robin" },
            { value: "LEAST_REQUESTS", label: "Least requests in flight" },
          ]}
        />
        <TextInput
          label="Health check path"
          description="Empty: none."
          placeholder="/health"
          value={value.healthPath}
          error={errors.at("healthPath")}
          onChange={(event) => set({ healthPath: event.currentTarget.value })}
        />
        <NumberInput
          label="Health check every"
          description="With a path only."
          suffix=" ms"
          value={value.healthInterval}
          error={errors.at("healthInterval")}
          disabled={value.healthPath.trim() === ""}
          onChange={(healthInterval) => set({ healthInterval })}
          min={500}
          allowDecimal={false}
          hideControls
        />
        <HealthNumbers value={value} errors={errors} set={set} />
        <NumberInput
          label="Open the circuit after"
          description="Failures in a row; empty: never."
          placeholder="Never"
          value={value.breakerFailures}
          error={errors.at("breakerFailures")}
          onChange={(breakerFailures) => set({ breakerFailures })}
          min={1}
          allowDecimal={false}
          hideControls
        />
        <NumberInput
          label="Circuit open for"
          description="Then one request probes the upstream."
          suffix=" ms"
          value={value.breakerOpen}
          error={errors.at("breakerOpen")}
          disabled={value.breakerFailures === ""}
          onChange={(breakerOpen) => set({ breakerOpen })}
          min={1}
          allowDecimal={false}
          hideControls
        />
      </div>
    </Panel>
  );
}

function HealthNumbers({ value, errors, set }: IntegrationPanelProps) {
  return healthNumbers.map(({ name, ...labels }) => (
    <NumberInput
      key={name}
      {...labels}
      value={value[name]}
      error={errors.at(name)}
      disabled={value.healthPath.trim() === ""}
      onChange={(number) => set({ [name]: number })}
      min={1}
      allowDecimal={false}
      hideControls
    />
  ));
}
