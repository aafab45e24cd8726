/** How the shown keys are used: asked key by key, again every few seconds. */
import { useEffect, useState } from "react";
import { useClient } from "urql";
import { KeyUsageDocument, type KeyUsageQuery } from "../../gen/keys.js";

const AGAIN_MS = 5_000;

export type KeyUsage = KeyUsageQuery["keyUsage"];

export function useKeyUsage(keyIds: readonly string[]): ReadonlyMap<string, KeyUsage> {
  const client = useClient();
  const [usage, setUsage] = useState<ReadonlyMap<string, KeyUsage>>(new Map());
  const ids = keyIds.join(" ");
  useEffect(() => {
    let isWanted = true;
    async function ask(): Promise<void> {
      const asked = ids === "" ? [] : ids.split(" ");
      const answers = await Promise.all(
        asked.map(async (keyId) => {
          const { data } = await client
            .query(KeyUsageDocument, { keyId }, { requestPolicy: "network-only" })
            .toPromise();
          return [keyId, data?.keyUsage] as const;
        }),
      );
      if (isWanted)
        setUsage(
          new Map(answers.flatMap(([keyId, use]) => (use === undefined ? [] : [[keyId, use] as const]))),
        );
    }
    void ask();
    const timer = setInterval(() => void ask(), AGAIN_MS);
    return () => {
      isWanted = false;
      clearInterval(timer);
    };
  }, [client, ids]);
  return usage;
}
