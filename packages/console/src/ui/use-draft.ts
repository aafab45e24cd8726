/**
 * The text of a field that stands for another value: what is typed stays as it is typed ("a, " before "a, b") while it
 * means the value, and is tidied up when the field is left. Keeps nothing that the value does not say.
 */
import { useState } from "react";

export interface DraftOptions<Value> {
  readonly value: Value;
  readonly toText: (value: Value) => string;
  readonly fromText: (text: string) => Value;
  readonly onChange: (value: Value) => void;
}

export interface Draft {
  readonly text: string;
  readonly type: (text: string) => void;
  readonly leave: () => void;
}

export function useDraft<Value>({ value, toText, fromText, onChange }: DraftOptions<Value>): Draft {
  const [typed, setTyped] = useState<string | null>(null);
  const text = toText(value);
  return {
    text: typed !== null && toText(fromText(typed)) === text ? typed : text,
    type: (next) => {
      setTyped(next);
      onChange(fromText(next));
    },
    leave: () => setTyped(null),
  };
}
