/** Of new APIs: their subscription and title, and whether the document becomes one or several. */
import { NativeSelect, TextInput } from "@mantine/core";
import { Panel } from "../../ui/page.js";
import fields from "../apis/api-form.module.css";
import { SubscriptionSelect } from "../subscriptions/subscription-select.js";
import type { ImportSettings } from "./import-settings.js";
import { SplitParts } from "./split-parts.js";
import type { Import } from "./use-import.js";

const splits: readonly {
  readonly value: string;
  readonly label: string;
  readonly split: ImportSettings["split"];
}[] = [
  { value: "", label: "Create one API", split: null },
  { value: "TAG", label: "One API for each tag", split: "TAG" },
  { value: "PATH", label: "One API for each first part of the paths", split: "PATH" },
];

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
          description={
            settings.split === null
              ? "If empty, the document's title is used."
              : "Comes before the tag or path in each title. If empty, the document's title is used."
          }
          inputWrapperOrder={["label", "input", "description", "error"]}
          maxLength={200}
          placeholder={title ?? ""}
          value={settings.title}
          onChange={(event) => set({ title: event.currentTarget.value })}
          autoComplete="off"
        />
        <NativeSelect
          label="Split the document"
          description="Each API has its own key. For documents with more than 5,000 operations or several audiences."
          inputWrapperOrder={["label", "input", "description", "error"]}
          data={splits.map(({ value, label }) => ({ value, label }))}
          value={settings.split ?? ""}
          error={made.errorsAt("split")}
          onChange={(event) => {
            const chosen = splits.find(({ value }) => value === event.currentTarget.value);
            if (chosen !== undefined) set({ split: chosen.split });
          }}
        />
        {settings.split !== null && <SplitParts made={made} />}
      </div>
    </Panel>
  );
}
