/**
 * A part of the page that is loaded when it is first needed. State instead of React.lazy: inside a dialog the retry of
 * a suspended part was seen to be lost until the next update (React 19.3.1).
 */
import { useEffect, useState } from "react";

export type Loaded<T> =
  | { readonly kind: "loading" }
  | { readonly kind: "ready"; readonly module: T }
  | { readonly kind: "failed"; readonly error: Error; readonly retry: () => void };

/** `load` must be the same function on every render. */
export function useModule<T>(load: () => Promise<T>): Loaded<T> {
  const [loaded, setLoaded] = useState<Loaded<T>>({ kind: "loading" });
  const [tries, setTries] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a retry loads again
  useEffect(() => {
    let isWanted = true;
    load()
      .then((module) => {
        if (isWanted) setLoaded({ kind: "ready", module });
      })
      .catch((error: unknown) => {
        if (isWanted)
          setLoaded({
            kind: "failed",
            error: error instanceof Error ? error : new Error(String(error)),
            retry: () => {
              setLoaded({ kind: "loading" });
              setTries((count) => count + 1);
            },
          });
      });
    return () => {
      isWanted = false;
    };
  }, [load, tries]);
  return loaded;
}
