/** The secret a request is sent with: pasted by the person, or revealed when a recoverable key is chosen. In memory only. */
import { useCallback, useRef, useState } from "react";
import type { KeyRef } from "../keys/key-ref.js";
import { useRevealKey } from "../keys/use-reveal-key.js";

export interface KeySecret {
  readonly pasted: string;
  readonly setPasted: (secret: string) => void;
  /** The secret to use for this key, or null with a message shown. */
  readonly secretOf: (key: KeyRef | null) => Promise<string | null>;
}

export function useKeySecret(): KeySecret {
  const reveal = useRevealKey();
  const [pasted, setPasted] = useState("");
  // Revealing is written to the audit log: once a key and visit is enough.
  const revealed = useRef(new Map<string, string>());
  const secretOf = useCallback(
    async (key: KeyRef | null) => {
      if (key === null) return pasted.trim() === "" ? null : pasted.trim();
      const known = revealed.current.get(key.id);
      if (known !== undefined) return known;
      const secret = await reveal(key);
      if (secret !== null) revealed.current.set(key.id, secret);
      return secret;
    },
    [pasted, reveal],
  );
  return { pasted, setPasted, secretOf };
}
