/** Makes the import that was shown. Sent again after a lost response, it makes nothing twice. */
import { useRef, useState } from "react";
import { useClient } from "urql";
import { ApplyImportDocument, type ApplyImportMutation, type ImportOpenApiInput } from "../../gen/import.js";
import { idempotent, newIdempotencyKey } from "../../graphql/client.js";
import { touching } from "../../graphql/touched.js";
import { useTrackReceipt } from "../../receipts/receipt-store.js";
import { failureText } from "../../ui/failure.js";

type Payload = ApplyImportMutation["importOpenApi"];

export interface AppliedApi {
  readonly api: { readonly id: string; readonly title: string };
  readonly secret: string | null;
}

export interface Applied {
  readonly api: NonNullable<Payload["api"]>;
  /** Of a new API's first key. */
  readonly secret: string | null;
  /** All APIs with their secrets: several when the document was split. */
  readonly apis: readonly AppliedApi[];
}

export interface ApplyImport {
  readonly isApplying: boolean;
  readonly problem: string | null;
  readonly applied: Applied | null;
  readonly apply: (input: ImportOpenApiInput) => Promise<void>;
}

export interface ApplyOptions {
  readonly onConflict: () => void;
  readonly onApplied: (applied: Applied) => void;
}

export function useApplyImport({ onConflict, onApplied }: ApplyOptions): ApplyImport {
  const client = useClient();
  const track = useTrackReceipt();
  const attempt = useRef<{ readonly input: ImportOpenApiInput; readonly key: string } | null>(null);
  const [isApplying, setApplying] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [applied, setApplied] = useState<Applied | null>(null);

  async function apply(input: ImportOpenApiInput): Promise<void> {
    if (attempt.current?.input !== input) attempt.current = { input, key: newIdempotencyKey() };
    setProblem(null);
    setApplying(true);
    const context = { ...touching("Api"), ...idempotent(attempt.current.key) };
    const { data, error } = await client.mutation(ApplyImportDocument, { input }, context).toPromise();
    setApplying(false);
    if (data === undefined) return setProblem(lostText(error));
    const { api, secret, apis, userErrors, revision } = data.importOpenApi;
    if (userErrors.some(({ code }) => code === "CONFLICT")) {
      setProblem(
        "This API has changed in the meantime. The operations are compared with its new version now.",
      );
      return onConflict();
    }
    if (api === null || userErrors.length > 0)
      return setProblem(userErrors[0]?.message ?? "Nothing was imported.");
    track(api.id, revision);
    const made: Applied = {
      api,
      secret,
      apis: apis.flatMap((one) => (one.api === null ? [] : [{ api: one.api, secret: one.secret }])),
    };
    setApplied(made);
    onApplied(made);
  }

  return { isApplying, problem, applied, apply };
}

function lostText(error: Parameters<typeof failureText>[0] | undefined): string {
  if (error === undefined) return "Nothing was imported.";
  const isLost = "networkError" in error && error.networkError !== undefined;
  return isLost
    ? "No response came. Try again: an import that was done already is not done twice."
    : failureText(error);
}
