/** The right side of "Try it": what came back, the same request for curl, and the requests before. */
import { SegmentedControl } from "@mantine/core";
import { useEffect, useRef } from "react";
import { CodeBlock } from "../../ui/code-block.js";
import { CopyButton } from "../../ui/copy-button.js";
import { Icon } from "../../ui/icon.js";
import { HistoryList } from "./history-list.js";
import { ResponseView } from "./response-view.js";
import type { HistoryEntry, Sent } from "./try-history.js";
import classes from "./try-it.module.css";
import { verdictOf } from "./verdict.js";

export type ResultPart = "response" | "curl" | "history";

export interface ResultsProps {
  readonly part: ResultPart;
  readonly onPart: (part: ResultPart) => void;
  readonly sent: readonly Sent[];
  /** With the key's first characters instead of the key. */
  readonly curl: string;
  readonly curlToCopy: () => Promise<string>;
  readonly history: readonly HistoryEntry[];
  readonly onOpen: (entry: HistoryEntry) => void;
}

export function Results(props: ResultsProps) {
  const { part, history, sent } = props;
  const box = useRef<HTMLElement>(null);
  // On a narrow page the response is below the form.
  useEffect(() => {
    const top = box.current?.getBoundingClientRect().top ?? 0;
    if (sent.length > 0 && top > window.innerHeight / 2) box.current?.scrollIntoView({ block: "start" });
  }, [sent]);
  return (
    <section className={classes.results} aria-label="Result" ref={box}>
      <SegmentedControl
        size="xs"
        fullWidth
        aria-label="What is shown"
        value={part}
        onChange={(value) => props.onPart(value as ResultPart)}
        data={[
          { value: "response", label: "Response" },
          { value: "curl", label: "curl" },
          { value: "history", label: history.length === 0 ? "History" : `History (${history.length})` },
        ]}
      />
      {part === "response" && <Responses sent={sent} />}
      {part === "curl" && (
        <>
          <CodeBlock label="curl line" text={props.curl} isWrapped />
          <div>
            <CopyButton label="Copy as curl" text={props.curlToCopy} />
          </div>
        </>
      )}
      {part === "history" && <HistoryList entries={history} onOpen={props.onOpen} />}
    </section>
  );
}

function Responses({ sent }: { readonly sent: readonly Sent[] }) {
  const verdict = verdictOf(sent);
  return (
    <div className={classes.stack} aria-live="polite">
      {sent.length === 0 && <p className={classes.waiting}>Send a request to see the response.</p>}
      {verdict !== null && (
        <p className={classes.verdict} data-testid="verdict">
          <Icon name="check" size={18} /> <span>{verdict}</span>
        </p>
      )}
      {sent.map(({ label, apiId, key, outcome }, index) => (
        <section
          // biome-ignore lint/suspicious/noArrayIndexKey: two at most, the first and the second key
          key={index}
          className={classes.sent}
          aria-label={sent.length > 1 ? label : "Response"}
        >
          {sent.length > 1 && <h3 className={classes.sentLabel}>{label}</h3>}
          {outcome.kind === "failed" ? (
            <p className="lk-problem">{outcome.message}</p>
          ) : (
            <ResponseView
              apiId={apiId}
              sentKey={key}
              response={outcome.response}
              isBesideAnother={sent.length > 1}
            />
          )}
        </section>
      ))}
    </div>
  );
}
