/**
 * A part of the page that is loaded when it is first needed. State instead of React.lazy: inside a dialog the retry of
 * a suspended part was seen to be lost until the next update (React 19.3.1).
 */
import { useEffect, useState } from "react";

export type Loaded<T> =
  | { readonly kind: "loading" }
  | { readonly kind: "ready"; readonly module: T }
  | { readonly kind: "failed"; readonly error: Error };

/** `load` must be the same function on every render. */
export function useModule<T>(load: () => Promise<T>): Loaded<T> {
  const [loaded, setLoaded] = useState<Loaded<T>>({ kind: "loading" });
  useEffect(() => {
    let isWanted = true;
    load()
      .then((module) => {
        if (isWanted) setLoaded({ kind: "ready", module });
      })
      .catch((error: unknown) => {
        if (isWanted)
          setLoaded({ kind: "failed", error: error instanceof Error ? error : new Error(String(error)) });
      });
    return () => {
      isWanted = false;
    };
  }, [load]);
  return loaded;
}
