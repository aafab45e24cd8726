/** What came back: status, timing, which integration got it, body and headers. */
import { SegmentedControl } from "@mantine/core";
import { useState } from "react";
import { Link } from "react-router";
import { CodeBlock } from "../../ui/code-block.js";
import { CopyButton } from "../../ui/copy-button.js";
import { formatBytes, formatDuration } from "../../ui/format.js";
import { MethodBadge } from "../../ui/method-badge.js";
import { Tag } from "../../ui/tag.js";
import { gatewayRefusal } from "./gateway-refusal.js";
import type { Answer } from "./send-request.js";
import classes from "./try-it.module.css";

type Part = "body" | "headers";

export function AnswerView({ answer }: { readonly answer: Answer }) {
  const [part, setPart] = useState<Part>("body");
  const body = prettyBody(answer);
  return (
    <div className={classes.answer}>
      <div className={classes.answerHead}>
        <span className={classes.status} data-tone={statusTone(answer.status)} data-testid="answer-status">
          {answer.status} {answer.statusText}
        </span>
        <span className="lk-muted">
          {formatDuration(answer.totalMs * 1_000)} · first byte {formatDuration(answer.firstByteMs * 1_000)} ·{" "}
          {formatBytes(answer.bodyBytes)}
        </span>
      </div>
      <ReachedIntegration answer={answer} />
      <div className={classes.answerTabs}>
        <SegmentedControl
          size="xs"
          aria-label="Part of the response"
          value={part}
          onChange={(value) => setPart(value as Part)}
          data={[
            { value: "body", label: "Body" },
            { value: "headers", label: `Headers (${answer.headers.length})` },
          ]}
        />
        {part === "body" && body !== "" && <CopyButton text={body} label="Copy" />}
      </div>
      {part === "body" ? (
        <CodeBlock
          label="Body of the response"
          text={(body === "" ? "(no body)" : body) + (answer.isTruncated ? "\n… (more was not kept)" : "")}
        />
      ) : (
        <dl className={classes.headerList}>
          {answer.headers.map(([name, value], index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a header may come twice, and the list never changes
            <div key={index}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
    </div>
  );
}

function ReachedIntegration({ answer }: { readonly answer: Answer }) {
  const { matched } = answer;
  const refusal = gatewayRefusal(answer);
  if (matched === null)
    return (
      <p className={classes.reached} data-tone="gateway" data-testid="reached">
        The gateway refused the request: no integration got it.
        {refusal !== null && (
          <>
            {" "}
            <code>{refusal.code}</code> {refusal.detail}
          </>
        )}
      </p>
    );
  return (
    <p className={classes.reached} data-testid="reached">
      <span className="lk-muted">Matched</span> <MethodBadge method={matched.method} compact />{" "}
      <span className="lk-mono lk-break">{matched.pattern}</span>{" "}
      <span className="lk-muted">and reached</span>{" "}
      <Link to={`/integrations/${matched.integrationId}`}>{matched.integrationName}</Link>
    </p>
  );
}

export function StatusTag({ status }: { readonly status: number }) {
  return <Tag tone={statusTone(status)}>{status}</Tag>;
}

function statusTone(status: number): "ok" | "warn" | "bad" {
  if (status >= 500) return "bad";
  return status >= 400 ? "warn" : "ok";
}

export function prettyBody({ body, isBinary }: Pick<Answer, "body" | "isBinary">): string {
  if (isBinary) return body;
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
