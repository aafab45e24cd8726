/** Of a new API: its subscription, and a title of its own. */
import { TextInput } from "@mantine/core";
import { Panel } from "../../ui/page.js";
import fields from "../apis/api-form.module.css";
import { SubscriptionSelect } from "../subscriptions/subscription-select.js";
import type { Import } from "./use-import.js";

export function NewApiPanel({ made }: { readonly made: Import }) {
  const { settings, set, preview } = made;
  const title = preview.payload?.documentTitle ?? null;
  return (
    <Panel title="New API">
      <div className={fields.fields}>
        <SubscriptionSelect
          label="Subscription"
          isRequired
          placeholder="Choose a subscription"
          value={settings.subscriptionId}
          error={made.errorsAt("subscriptionId")}
          // Integrations belong to one subscription.
          onChange={(subscriptionId) => set({ subscriptionId, integration: null, assigned: new Map() })}
        />
        <TextInput
          label="Title"
          description="If empty, the document's title is used."
          inputWrapperOrder={["label", "input", "description", "error"]}
          maxLength={200}
          placeholder={title ?? ""}
          value={settings.title}
          onChange={(event) => set({ title: event.currentTarget.value })}
          autoComplete="off"
        />
      </div>
    </Panel>
  );
}
