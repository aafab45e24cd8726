/** Which web pages may call an API. Shows refusals beside what caused them; saves nothing. */
import { Checkbox, NumberInput, Switch, TagsInput } from "@mantine/core";
import { memo } from "react";
import type { FieldErrors } from "../../graphql/user-errors.js";
import { Panel } from "../../ui/page.js";
import classes from "./api-form.module.css";
import { type ApiFormChange, type CorsForm, newCorsForm } from "./api-form-state.js";

/** Between names that are typed or pasted. */
const BETWEEN = [",", " ", "\n"];
const MAX_AGE_SECONDS_MAX = 86_400;

export interface CorsPanelProps {
  readonly cors: CorsForm | null;
  readonly errors: FieldErrors;
  readonly onChange: (change: ApiFormChange) => void;
}

export const CorsPanel = memo(function CorsPanel({ cors, errors, onChange }: CorsPanelProps) {
  const set = (value: CorsForm | null) => onChange({ kind: "set", fields: { cors: value } });
  return (
    <Panel
      title="Calls from web pages"
      description="Browsers let a page call this API only where a CORS policy names the page's origin. Other clients do not need one."
    >
      <div className={classes.options}>
        <Switch
          label="Allow web pages to call this API"
          checked={cors !== null}
          onChange={(event) => set(event.currentTarget.checked ? newCorsForm : null)}
        />
        {cors !== null && <CorsFields cors={cors} errors={errors} set={set} />}
      </div>
    </Panel>
  );
});

interface CorsFieldsProps {
  readonly cors: CorsForm;
  readonly errors: FieldErrors;
  readonly set: (value: CorsForm) => void;
}

function CorsFields({ cors, errors, set }: CorsFieldsProps) {
  const names = (field: "origins" | "methods" | "headers" | "exposedHeaders") => ({
    splitChars: BETWEEN,
    value: [...cors[field]],
    error: errors.at(`cors.${field}`) ?? errors.under(`cors.${field}`),
    onChange: (value: string[]) => set({ ...cors, [field]: value }),
  });
  return (
    <div className={classes.fields}>
      <TagsInput
        className={classes.wide ?? ""}
        label="Origins"
        withAsterisk
        description="https://app.example.com, https://*.example.com for all subdomains, or * for any page."
        placeholder={cors.origins.length === 0 ? "https://app.example.com" : ""}
        {...names("origins")}
      />
      <TagsInput label="Methods" description="Empty: any." {...names("methods")} />
      <TagsInput label="Request headers" description="Empty: any." {...names("headers")} />
      <TagsInput
        label="Response headers that pages may read"
        description="In addition to those that browsers always show and the gateway's own."
        {...names("exposedHeaders")}
      />
      <NumberInput
        label="Browsers keep the permission for"
        description="Browsers see a change of the policy after this time."
        suffix=" s"
        min={0}
        max={MAX_AGE_SECONDS_MAX}
        allowDecimal={false}
        value={cors.maxAgeSeconds}
        error={errors.at("cors.maxAgeSeconds")}
        onChange={(value) => set({ ...cors, maxAgeSeconds: Number(value) })}
      />
      <Checkbox
        className={classes.wide ?? ""}
        label="Send cookies along"
        description="Not with the origin *: any page could use its visitors' cookies."
        checked={cors.credentials}
        error={errors.at("cors.credentials")}
        onChange={(event) => set({ ...cors, credentials: event.currentTarget.checked })}
      />
    </div>
  );
}
