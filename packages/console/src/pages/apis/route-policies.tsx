/** Limits, request size and header rules of one route, below its operation. */
import { NumberInput } from "@mantine/core";
import type { FieldErrors } from "../../graphql/user-errors.js";
import { HEADER_RULES_HELP, headerRulesInputs } from "../../policies/header-rules-inputs.js";
import { LimitsInputs } from "../../policies/limit-inputs.js";
import policyClasses from "../../policies/policies.module.css";
import { LinesInputs } from "../../ui/lines-inputs.js";
import type { RoutePolicies } from "./api-form-state.js";
import classes from "./route-policies.module.css";

export interface RoutePoliciesFieldsProps {
  /** `route 2` */
  readonly routeName: string;
  readonly values: RoutePolicies;
  /** Relative to the route: `rateLimit`. */
  readonly errors: FieldErrors;
  readonly onChange: (fields: Partial<RoutePolicies>) => void;
}

export function RoutePoliciesFields({ routeName, values, errors, onChange }: RoutePoliciesFieldsProps) {
  return (
    <fieldset className={classes.panel} aria-label={`Policies of ${routeName}`} data-operation>
      <div className={policyClasses.pair}>
        <LimitsInputs values={values} errors={errors} set={onChange} />
        <NumberInput
          label="Largest request body"
          description="The smaller of this limit and the integration's applies. Empty: the integration's."
          suffix=" bytes"
          placeholder="Integration's"
          value={values.requestBodyBytesMax}
          error={errors.at("requestBodyBytesMax")}
          onChange={(requestBodyBytesMax) => onChange({ requestBodyBytesMax })}
          min={0}
          allowDecimal={false}
          allowNegative={false}
          thousandSeparator=","
          hideControls
        />
      </div>
      <div className={policyClasses.pair}>
        <LinesInputs
          fields={headerRulesInputs}
          classNames={{ input: policyClasses.mono ?? "" }}
          minRows={1}
          maxRows={12}
          values={values}
          errors={errors}
          set={onChange}
        />
      </div>
      <p className={classes.hint}>{HEADER_RULES_HELP} The integration's rules come first.</p>
    </fieldset>
  );
}
