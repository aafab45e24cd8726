/** The key that a request is sent with: chosen among those that can be shown, or pasted. Tells its state. */
import { useState } from "react";
import type { TryItApiFieldsFragment } from "../../gen/try-it.js";
import { clockMs } from "../../ui/clock.js";
import { keyState } from "../keys/key-state.js";
import { useKeySecret } from "./use-key-secret.js";

export type TryItApi = TryItApiFieldsFragment;
export type TryItKey = TryItApi["keys"]["nodes"][number];

export const PASTED = "pasted";

export interface KeyChoice {
  readonly api: TryItApi | null;
  /** Those whose secret can be shown. */
  readonly keys: readonly TryItKey[];
  /** Null: one is pasted. */
  readonly key: TryItKey | null;
  readonly pasted: string;
  readonly problem: string | null;
  /** The chosen key, or the one whose first characters were pasted; null: not known. */
  readonly known: TryItKey | null;
  readonly choose: (id: string) => void;
  readonly paste: (secret: string) => void;
  /** Null with a problem shown. */
  readonly secret: () => Promise<string | null>;
  /** To copy; null when no key was pasted. */
  readonly secretIfAny: () => Promise<string | null>;
}

/** `compared`: the key that the request is sent with as well; another one is suggested where there is one. */
export function useKeyChoice(api: TryItApi | null, compared: TryItKey | null = null): KeyChoice {
  const secrets = useKeySecret();
  const [choice, setChoice] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const all = api?.keys.nodes ?? [];
  const keys = api?.recoverable === true ? all : [];
  const isActive = (key: TryItKey) => keyState(key, clockMs()).tone === "ok";
  const suggested = keys.find((each) => isActive(each) && each.id !== compared?.id);
  const chosen = keys.find((each) => each.id === choice) ?? suggested ?? keys[0] ?? null;
  const key = choice === PASTED ? null : chosen;
  return {
    api,
    keys,
    key,
    pasted: secrets.pasted,
    problem,
    known: key ?? all.find((each) => isStartOf(each.display, secrets.pasted.trim())) ?? null,
    choose: (id) => {
      setProblem(null);
      setChoice(id);
    },
    paste: (secret) => {
      setProblem(null);
      secrets.setPasted(secret);
    },
    secret: async () => {
      const secret = await secrets.secretOf(key);
      if (secret === null && key === null) setProblem("Paste a key of this API first.");
      return secret;
    },
    secretIfAny: () => secrets.secretOf(key),
  };
}

/** `lk_4fZ9aQ…` shows the first characters of a secret. */
function isStartOf(display: string, secret: string): boolean {
  const shown = display.replace(/…$/, "");
  return shown !== "" && secret.startsWith(shown);
}

/** `Orders · Default` */
export function keyLabel({ api, known }: KeyChoice): string {
  return [api?.title ?? "", known?.name ?? "pasted key"].join(" · ");
}
