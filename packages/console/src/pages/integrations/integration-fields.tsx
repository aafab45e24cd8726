/** The fields of an integration, in panels. */
import { Alert, Checkbox, NativeSelect, Textarea, TextInput } from "@mantine/core";
import { Panel } from "../../ui/page.js";
import { CredentialPicker } from "../credentials/credential-picker.js";
import { SubscriptionSelect } from "../subscriptions/subscription-select.js";
import { IntegrationContract } from "./integration-contract.js";
import classes from "./integration-form.module.css";
import type { InboundKind, IntegrationPanelProps, UpstreamMethod } from "./integration-form-state.js";
import { IntegrationHeaders } from "./integration-headers.js";
import { IntegrationLimits } from "./integration-limits.js";
import { IntegrationResilience } from "./integration-resilience.js";

export interface IntegrationFieldsProps extends IntegrationPanelProps {
  readonly isNew: boolean;
}

const kinds: readonly { readonly value: InboundKind; readonly label: string }[] = [
  { value: "API", label: "API (routes can use it)" },
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
  /^(name|description|subscriptionId|inboundKind|urls|method|loadBalancing|forwardAuthorization|webSockets|limits|rateLimit|quota|retryAttempts|retryBudget|healthPath|healthInterval|healthTimeout|unhealthyAfter|healthyAfter|requestContentTypes|responseContentTypes|breakerFailures|breakerOpen|requestHeaderRules|responseHeaderRules|spelledHeaders|credentials|requestSchema|responseSchema)(\.|$)/;

/** Titles of the panels. */
export const integrationSections = [
  "Integration",
  "Credentials",
  "Limits",
  "Resilience",
  "Headers",
  "Contract",
] as const;

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
              onChange={(subscriptionId) => set({ subscriptionId, credentials: [] })}
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
            description="http or https, one per line. Requests are spread over them."
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
          <Checkbox
            className={classes.wide ?? ""}
            label="WebSocket"
            description="Clients may switch to WebSocket on routes to this integration. Their key is checked first. They close when the key ends. Nodes with the engine uws respond with 501."
            checked={value.webSockets}
            onChange={(event) => set({ webSockets: event.currentTarget.checked })}
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
      <Panel
        title="Credentials"
        description="Requests log in to the target with these. The client's own Authorization header is then not forwarded."
      >
        <CredentialPicker
          subscriptionId={value.subscriptionId}
          value={value.credentials}
          error={errors.at("credentials")}
          onChange={(credentials) => set({ credentials })}
        />
      </Panel>
      <IntegrationLimits value={value} errors={errors} set={set} />
      <IntegrationResilience value={value} errors={errors} set={set} />
      <IntegrationHeaders value={value} errors={errors} set={set} />
      <IntegrationContract value={value} errors={errors} set={set} />
    </>
  );
}
