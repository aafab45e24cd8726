/** Chooses or takes a key, and says beforehand when the gateway will refuse it. */
import { NativeSelect, PasswordInput } from "@mantine/core";
import { useNow } from "../../ui/clock.js";
import { Tag } from "../../ui/tag.js";
import { keyState } from "../keys/key-state.js";
import classes from "./try-it.module.css";
import { type KeyChoice, PASTED } from "./use-key-choice.js";

export interface KeyFieldsProps {
  readonly label: string;
  readonly choice: KeyChoice;
}

export function KeyFields({ label, choice }: KeyFieldsProps) {
  const { keys, key, known } = choice;
  const nowMs = useNow();
  const state = known === null ? null : keyState(known, nowMs);
  return (
    <div className={classes.stack}>
      {keys.length > 0 && (
        <NativeSelect
          label={label}
          value={key?.id ?? PASTED}
          onChange={(event) => choice.choose(event.currentTarget.value)}
          data={[
            ...keys.map((each) => ({
              value: each.id,
              label: `${each.name} (${each.display})${stateSuffix(keyState(each, nowMs).label)}`,
            })),
            { value: PASTED, label: "Another key, pasted" },
          ]}
        />
      )}
      {key === null && (
        <PasswordInput
          label={keys.length > 0 ? `Pasted ${label.replace("API ", "")}` : label}
          description="Used for this request only; not kept."
          value={choice.pasted}
          error={choice.problem}
          onChange={(event) => choice.paste(event.currentTarget.value)}
          autoComplete="off"
          visibilityToggleButtonProps={{ "aria-label": "Show or hide the key" }}
        />
      )}
      {state !== null && (state.tone !== "ok" || key === null) && (
        <p className={classes.keyState} role="status">
          <Tag tone={state.tone} dot>
            {state.label}
          </Tag>
          <span>
            <bdi>{known?.name}</bdi>
            {state.tone === "ok" ? " of this API." : ": the gateway refuses requests with this key."}
          </span>
        </p>
      )}
    </div>
  );
}

function stateSuffix(label: string): string {
  return label === "Active" ? "" : ` · ${label}`;
}
