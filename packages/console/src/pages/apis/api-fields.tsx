/** The fields of the API information form. Shows refusals beside what caused them; saves nothing. */
import { Alert, Checkbox, Textarea, TextInput } from "@mantine/core";
import { memo } from "react";
import type { FieldErrors } from "../../graphql/user-errors.js";
import { type IpRulesValues, ipRulesInputs } from "../../policies/ip-rules.js";
import { LimitsInputs } from "../../policies/limit-inputs.js";
import type { LimitsValues } from "../../policies/limit-values.js";
import type { OwnershipValues } from "../../policies/ownership.js";
import { OwnershipInputs } from "../../policies/ownership-inputs.js";
import policyClasses from "../../policies/policies.module.css";
import { LinesInputs } from "../../ui/lines-inputs.js";
import { Panel } from "../../ui/page.js";
import { SectionLinks } from "../../ui/section-links.js";
import { SubscriptionSelect } from "../subscriptions/subscription-select.js";
import classes from "./api-form.module.css";
import type { ApiFormChange, ApiFormValue } from "./api-form-state.js";
import { CorsPanel } from "./cors-panel.js";
import { RouteRows } from "./route-rows.js";

export interface ApiFieldsProps {
  readonly value: ApiFormValue;
  readonly errors: FieldErrors;
  readonly onChange: (change: ApiFormChange) => void;
}

/** Titles of the panels, in their order. */
const sections = [
  "API information",
  "Routes",
  "Limits and addresses",
  "Calls from web pages",
  "Options",
  "Owner and labels",
] as const;

const shownFields =
  /^(title|summary|subscriptionId|recoverable|bearerRequired|openapiServed|cors|rateLimit|quota|allowIps|denyIps|owner|labels|metadata|routes)(\.|$)/;
const shownRouteFields =
  /^routes(\.\d+(\.(method|path|integrationId|rateLimit|quota|requestBodyBytesMax|requestHeaderRules|responseHeaderRules|parameters(\..+)?))?)?$/;

function isShown(path: string): boolean {
  return shownFields.test(path) && (!path.startsWith("routes") || shownRouteFields.test(path));
}

export function ApiFields({ value, errors, onChange }: ApiFieldsProps) {
  const general = errors.elsewhere(isShown);
  const { title, summary, subscriptionId, recoverable, bearerRequired, openapiServed, cors } = value;
  const { rateLimit, quota, allowIps, denyIps, owner, labels, metadata } = value;
  return (
    <>
      <SectionLinks titles={sections} />
      {general.length > 0 && (
        <Alert color="red" role="alert" title="This could not be saved">
          {general.join(" ")}
        </Alert>
      )}
      <InformationPanel {...{ title, summary, subscriptionId, errors, onChange }} />
      <Panel
        title="Routes"
        description="A request is matched by method and path, then sent to the integration with its body, headers and parameters."
      >
        <RouteRows
          rows={value.routes}
          subscriptionId={value.subscriptionId}
          errors={errors}
          onChange={onChange}
        />
      </Panel>
      <PoliciesPanel {...{ rateLimit, quota, allowIps, denyIps, errors, onChange }} />
      <CorsPanel {...{ cors, errors, onChange }} />
      <OptionsPanel {...{ recoverable, bearerRequired, openapiServed, errors, onChange }} />
      <OwnershipPanel {...{ owner, labels, metadata, errors, onChange }} />
    </>
  );
}

type InformationPanelProps = Pick<ApiFormValue, "title" | "summary" | "subscriptionId"> &
  Pick<ApiFieldsProps, "errors" | "onChange">;

/** Memoized, as the options are: a keystroke in a route's path does not render them. */
const InformationPanel = memo(function InformationPanel(props: InformationPanelProps) {
  const { title, summary, subscriptionId, errors, onChange } = props;
  return (
    <Panel title="API information">
      <div className={classes.fields}>
        <TextInput
          label="Title"
          withAsterisk
          maxLength={200}
          value={title}
          error={errors.at("title")}
          onChange={(event) => onChange({ kind: "set", fields: { title: event.currentTarget.value } })}
          placeholder="Orders"
          autoComplete="off"
        />
        <SubscriptionSelect
          label="Subscription"
          isRequired
          placeholder="Choose a subscription"
          value={subscriptionId}
          error={errors.at("subscriptionId")}
          onChange={(subscriptionId) => onChange({ kind: "set", fields: { subscriptionId } })}
        />
        <Textarea
          className={classes.wide ?? ""}
          label="Summary"
          description="Shown to the people who call this API, at the top of its OpenAPI document."
          autosize
          minRows={2}
          maxRows={10}
          value={summary}
          error={errors.at("summary")}
          onChange={(event) => onChange({ kind: "set", fields: { summary: event.currentTarget.value } })}
        />
      </div>
    </Panel>
  );
});

type PoliciesPanelProps = LimitsValues & IpRulesValues & Pick<ApiFieldsProps, "errors" | "onChange">;

const PoliciesPanel = memo(function PoliciesPanel({ errors, onChange, ...values }: PoliciesPanelProps) {
  const set = (fields: Partial<LimitsValues & IpRulesValues>) => onChange({ kind: "set", fields });
  return (
    <Panel
      title="Limits and addresses"
      description="For all keys of this API together. A request must also be within the limits of its key, route and integration."
    >
      <div className={policyClasses.pair}>
        <LimitsInputs values={values} errors={errors} set={set} />
        <LinesInputs
          fields={ipRulesInputs}
          minRows={1}
          maxRows={8}
          values={values}
          errors={errors}
          set={set}
        />
      </div>
    </Panel>
  );
});

type OwnershipPanelProps = OwnershipValues & Pick<ApiFieldsProps, "errors" | "onChange">;

const OwnershipPanel = memo(function OwnershipPanel({ errors, onChange, ...values }: OwnershipPanelProps) {
  return (
    <Panel title="Owner and labels" description="For your own use. They do not affect requests.">
      <div className={classes.options}>
        <OwnershipInputs
          values={values}
          errors={errors}
          set={(fields) => onChange({ kind: "set", fields })}
        />
      </div>
    </Panel>
  );
});

type OptionsPanelProps = Pick<ApiFormValue, "recoverable" | "bearerRequired" | "openapiServed"> &
  Pick<ApiFieldsProps, "errors" | "onChange">;

const OptionsPanel = memo(function OptionsPanel(props: OptionsPanelProps) {
  const { recoverable, bearerRequired, openapiServed, errors, onChange } = props;
  return (
    <Panel title="Options">
      <div className={classes.options}>
        <Checkbox
          label="Keep keys recoverable"
          description="Secrets are also stored encrypted, so that a key can be copied later. Otherwise a key is shown once."
          checked={recoverable}
          error={errors.at("recoverable")}
          onChange={(event) =>
            onChange({ kind: "set", fields: { recoverable: event.currentTarget.checked } })
          }
        />
        <Checkbox
          label="Require a bearer token in addition to the key"
          description="Requests with a header key must also carry a token that the ingress accepts."
          checked={bearerRequired}
          error={errors.at("bearerRequired")}
          onChange={(event) =>
            onChange({ kind: "set", fields: { bearerRequired: event.currentTarget.checked } })
          }
        />
        <Checkbox
          label="Serve the OpenAPI document at the ingress"
          description="Clients get it with their key at /.well-known/openapi.json."
          checked={openapiServed}
          error={errors.at("openapiServed")}
          onChange={(event) =>
            onChange({ kind: "set", fields: { openapiServed: event.currentTarget.checked } })
          }
        />
      </div>
    </Panel>
  );
});
