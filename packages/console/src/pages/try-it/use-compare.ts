/** Another key that the same request is sent with: of an API that shares the path, or of the same one. */
import { useState } from "react";
import { useQuery } from "urql";
import { TryItApiDocument, TryItCounterpartsDocument } from "../../gen/try-it.js";
import { findCounterpart } from "./counterpart.js";
import { type KeyChoice, type TryItApi, type TryItKey, useKeyChoice } from "./use-key-choice.js";

export interface Compare {
  readonly isOn: boolean;
  readonly setOn: (isOn: boolean) => void;
  readonly apiId: string | null;
  readonly chooseApi: (id: string | null) => void;
  readonly choice: KeyChoice;
}

/** Suggests an API where the same route leads to another integration. */
export function useCompare(
  api: TryItApi,
  route: TryItApi["routes"][number],
  compared: TryItKey | null,
): Compare {
  const [isOn, setOn] = useState(false);
  const [chosenId, chooseApi] = useState<string | null>(null);
  const [{ data: others }] = useQuery({ query: TryItCounterpartsDocument, pause: !isOn });
  const suggested =
    others === undefined ? null : (findCounterpart(api.id, route, others.apis.nodes)?.id ?? api.id);
  const apiId = chosenId ?? suggested;
  const [{ data }] = useQuery({
    query: TryItApiDocument,
    variables: { id: apiId ?? "" },
    pause: !isOn || apiId === null,
  });
  const other = data?.api?.id === apiId ? (data?.api ?? null) : null;
  const choice = useKeyChoice(isOn ? other : null, compared);
  return { isOn, setOn, apiId, chooseApi, choice };
}
