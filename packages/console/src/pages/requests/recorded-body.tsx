/** A recorded body: JSON is set out in lines; says what was cut or left out. */
import { CodeBlock } from "../../ui/code-block.js";
import { formatBytes } from "../../ui/format.js";
import { prettyJson } from "../operation/json.js";
import { MaskedText } from "./masked-text.js";
import classes from "./requests.module.css";
import type { RecordedContent } from "./use-recorded.js";

export interface RecordedBodyProps {
  readonly label: string;
  readonly part: Pick<RecordedContent["request"], "headers" | "body" | "bodyState">;
  /** Size of the whole body. */
  readonly bytes: number;
}

export function RecordedBody({ label, part, bytes }: RecordedBodyProps) {
  const { headers, body, bodyState } = part;
  if (bodyState === "OMITTED")
    return (
      <p className={classes.missing}>
        The body is not recorded: {typeOf(headers)}, {formatBytes(bytes)}. It is not text, is compressed, or
        could not be masked.
      </p>
    );
  if (body === "") return <p className={classes.missing}>No body.</p>;
  return (
    <>
      <CodeBlock label={label} size="small" isWrapped text={<MaskedText text={prettyJson(body)} />} />
      {bodyState === "TRUNCATED" && (
        <p className={classes.missing}>
          Cut: the first {formatBytes(new TextEncoder().encode(body).length)} of {formatBytes(bytes)}.
        </p>
      )}
    </>
  );
}

function typeOf(headers: RecordedBodyProps["part"]["headers"]): string {
  return headers.find(({ name }) => name === "content-type")?.value ?? "no content type";
}
