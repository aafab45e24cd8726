/** Whether nodes serve the document as it is now. Shows nothing of an API whose document they do not serve. */
import { useQuery } from "urql";
import { ApiServedDocumentDocument, type ServedDocumentState } from "../../gen/openapi.js";
import { formatBytes } from "../../ui/format.js";
import { Tag, type Tone } from "../../ui/tag.js";
import classes from "./openapi-overlay.module.css";

const states: Readonly<
  Record<ServedDocumentState, { readonly tone: Tone; readonly label: string; readonly text: string }>
> = {
  PENDING: {
    tone: "warn",
    label: "Being written",
    text: "Nodes serve the previous document until this one is written.",
  },
  SERVED: {
    tone: "ok",
    label: "Served",
    text: "Nodes serve the document in 3.1 at /.well-known/openapi.json to holders of the API's keys.",
  },
  TOO_LARGE: { tone: "bad", label: "Not served", text: "" },
  TOO_SLOW: { tone: "bad", label: "Not served", text: "" },
};

export function ServedState({ apiId }: { readonly apiId: string }) {
  const [{ data }] = useQuery({
    query: ApiServedDocumentDocument,
    variables: { id: apiId },
    requestPolicy: "network-only",
  });
  const served = data?.api?.servedDocument ?? null;
  if (served === null) return null;
  const { tone, label, text } = states[served.state];
  return (
    <p className={classes.served} role="status">
      <Tag tone={tone} dot>
        {label}
      </Tag>
      <span>
        {served.message ?? text}
        {served.state === "SERVED" && served.sizeBytes !== null && ` ${formatBytes(served.sizeBytes)}.`}
      </span>
    </p>
  );
}
