/** The fields of an integration. What few people change stands in sections that open. */
import { Alert, Checkbox, NativeSelect, NumberInput, Textarea, TextInput } from "@mantine/core";
import type { FieldErrors } from "../../graphql/user-errors.js";
import { Panel } from "../../ui/page.js";
import { SubscriptionSelect } from "../subscriptions/subscription-select.js";
import classes from "./integration-form.module.css";
import {
  type InboundKind,
  type IntegrationFormValue,
  limitLabels,
  limitNames,
  type UpstreamMethod,
} from "./integration-form-state.js";

export interface IntegrationFieldsProps {
  readonly value: IntegrationFormValue;
  readonly errors: FieldErrors;
  readonly isNew: boolean;
  readonly set: (change: Partial<IntegrationFormValue>) => void;
}

const kinds: readonly { readonly value: InboundKind; readonly label: string }[] = [
  { value: "API", label: "API (routes can lead to it)" },
  { value: "QUEUE", label: "Queue" },
  { value: "EVENT", label: "Event" },
  { value: "SCHEDULE", label: "Schedule" },
  { value: "FILE", label: "File" },
  { value: "EMAIL", label: "E-mail" },
];

const upstreamMethods: readonly { readonly value: UpstreamMethod; readonly label: string }[] = [
  ...(["POST", "PUT", "PATCH", "DELETE", "GET", "HEAD", "OPTIONS"] as const).map((method) => ({
    value: method,
    label: method,
  })),
  { value: "AS_RECEIVED", label: "The client's method" },
];

const shown =
  /^(name|description|subscriptionId|inboundKind|urls|method|loadBalancing|forwardAuthorization|limits|retryAttempts|retryBudget|healthPath|healthInterval|healthTimeout|unhealthyAfter|healthyAfter|requestContentTypes|responseContentTypes|breakerFailures|breakerOpen|requestHeaderRules|responseHeaderRules|spelledHeaders|requestSchema|responseSchema)(\.|$)/;

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

const healthNumbers = [
  {
    name: "healthTimeout",
    label: "Probe time-out",
    description: "A slower probe has failed.",
    suffix: " ms",
  },
  { name: "unhealthyAfter", label: "Unhealthy after", description: "Failed probes in a row.", suffix: "" },
  { name: "healthyAfter", label: "Healthy after", description: "Good probes in a row.", suffix: "" },
] as const;

function HealthNumbers({ value, errors, set }: Omit<IntegrationFieldsProps, "isNew">) {
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

export function IntegrationFields({ value, errors, isNew, set }: IntegrationFieldsProps) {
  const general = errors.elsewhere((path) => shown.test(path));
  return (
    <>
      {general.length > 0 && (
        <Alert color="red" role="alert" title="This could not be saved">
          {general.join(" ")}
        </Alert>
      )}
      <Panel title="Integration">
        <div className={classes.fields}>
          <TextInput
            label="Name"
            withAsterisk
            maxLength={200}
            value={value.name}
            error={errors.at("name")}
            onChange={(event) => set({ name: event.currentTarget.value })}
            placeholder="Order intake"
            autoComplete="off"
          />
          {isNew && (
            <SubscriptionSelect
              label="Subscription"
              isRequired
              value={value.subscriptionId}
              error={errors.at("subscriptionId")}
              onChange={(subscriptionId) => set({ subscriptionId })}
            />
          )}
          <NativeSelect
            label="Inbound kind"
            value={value.inboundKind}
            error={errors.at("inboundKind")}
            onChange={(event) => set({ inboundKind: event.currentTarget.value as InboundKind })}
            data={[...kinds]}
          />
          <NativeSelect
            label="Upstream method"
            description="The method of the request to the integration."
            value={value.method}
            error={errors.at("method")}
            onChange={(event) => set({ method: event.currentTarget.value as UpstreamMethod })}
            data={[...upstreamMethods]}
          />
          <Textarea
            className={classes.wide ?? ""}
            classNames={{ input: classes.mono ?? "" }}
            label="Upstream URLs"
            description="http or https, one a line. Several share the requests."
            withAsterisk={value.inboundKind === "API"}
            autosize
            minRows={1}
            maxRows={8}
            value={value.urls}
            error={errors.at("urls")}
            onChange={(event) => set({ urls: event.currentTarget.value })}
            placeholder="https://orders.internal.example/intake"
            spellCheck={false}
          />
          <Checkbox
            className={classes.wide ?? ""}
            label="Forward the bearer token"
            description="For APIs that require a bearer token, which otherwise stays at the gateway. Other APIs always forward Authorization."
            checked={value.forwardAuthorization}
            onChange={(event) => set({ forwardAuthorization: event.currentTarget.checked })}
          />
          <Textarea
            className={classes.wide ?? ""}
            label="Description"
            autosize
            minRows={2}
            maxRows={8}
            value={value.description}
            error={errors.at("description")}
            onChange={(event) => set({ description: event.currentTarget.value })}
          />
        </div>
      </Panel>
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
      <Panel title="Resilience">
        <div className={classes.numbers}>
          <NumberInput
            label="Extra attempts"
            description="0: again only when nothing was sent."
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
              { value: "ROUND_ROBIN", label: "One after the other" },
              { value: "LEAST_REQUESTS", label: "Fewest requests under way" },
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
      <Panel
        title="Headers"
        description="One rule a line: set, append or remove. Values can hold {path.id}, {query.name}, {header.x-name}, {interchangeId}, {key.id} and {key.name}."
      >
        <div className={classes.fields}>
          {headerTexts.map(({ name, label, description, placeholder }) => (
            <Textarea
              key={name}
              classNames={{ input: classes.mono ?? "" }}
              label={label}
              description={description}
              autosize
              minRows={2}
              maxRows={12}
              value={value[name]}
              error={errors.at(name)}
              onChange={(event) => set({ [name]: event.currentTarget.value })}
              placeholder={placeholder}
              spellCheck={false}
            />
          ))}
        </div>
      </Panel>
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
          <Textarea
            classNames={{ input: classes.mono ?? "" }}
            label="Request schema"
            autosize
            minRows={4}
            maxRows={20}
            value={value.requestSchema}
            error={errors.at("requestSchema")}
            onChange={(event) => set({ requestSchema: event.currentTarget.value })}
            placeholder='{ "type": "object" }'
            spellCheck={false}
          />
          <Textarea
            classNames={{ input: classes.mono ?? "" }}
            label="Response schema"
            autosize
            minRows={4}
            maxRows={20}
            value={value.responseSchema}
            error={errors.at("responseSchema")}
            onChange={(event) => set({ responseSchema: event.currentTarget.value })}
            placeholder='{ "type": "object" }'
            spellCheck={false}
          />
        </div>
      </Panel>
    </>
  );
}
