/** The fields of who is responsible for a key or an API, and what it is found by. */
import { TagsInput, Textarea, TextInput } from "@mantine/core";
import type { FieldErrors } from "../graphql/user-errors.js";
import type { OwnershipValues } from "./ownership.js";
import classes from "./policies.module.css";

/** Between labels that are typed or pasted. */
const BETWEEN = [",", " ", "\n"];

export interface OwnershipInputsProps {
  readonly values: OwnershipValues;
  readonly errors: Pick<FieldErrors, "at">;
  readonly set: (change: Partial<OwnershipValues>) => void;
}

export function OwnershipInputs({ values, errors, set }: OwnershipInputsProps) {
  return (
    <>
      <div className={classes.pair}>
        <TextInput
          label="Owner"
          description="The person or team responsible for it."
          placeholder="Orders team"
          maxLength={200}
          value={values.owner}
          error={errors.at("owner")}
          onChange={(event) => set({ owner: event.currentTarget.value })}
          autoComplete="off"
        />
        <TagsInput
          label="Labels"
          description="Lists can be filtered by them. At most 20."
          placeholder={values.labels.length === 0 ? "team:orders" : ""}
          splitChars={BETWEEN}
          value={[...values.labels]}
          error={errors.at("labels")}
          onChange={(labels) => set({ labels })}
        />
      </div>
      <Textarea
        classNames={{ input: classes.mono ?? "" }}
        label="Metadata"
        description="One entry per line, name=value. Latchkey does not interpret them."
        placeholder="ticket=OPS-7"
        autosize
        minRows={1}
        maxRows={8}
        value={values.metadata}
        error={errors.at("metadata")}
        onChange={(event) => set({ metadata: event.currentTarget.value })}
        spellCheck={false}
      />
    </>
  );
}
