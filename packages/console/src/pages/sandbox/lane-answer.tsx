/** What one key led to: the integration in large letters, then the answer. */
import { Link } from "react-router";
import { CodeBlock } from "../../ui/code-block.js";
import { formatDuration } from "../../ui/format.js";
import { Icon } from "../../ui/icon.js";
import { prettyBody, StatusTag } from "../try-it/answer-view.js";
import type { Outcome } from "../try-it/send-request.js";
import classes from "./sandbox.module.css";

export function LaneAnswer({ outcome }: { readonly outcome: Outcome | null }) {
  if (outcome === null)
    return (
      <div className={classes.target} data-state="waiting">
        <Icon name="integration" size={22} />
        <span>Which integration?</span>
      </div>
    );
  if (outcome.kind === "failed") return <p className="lk-problem">{outcome.message}</p>;
  const { answer } = outcome;
  return (
    <>
      <div
        className={classes.target}
        data-state={answer.matched === null ? "refused" : "reached"}
        data-testid="target"
      >
        <Icon name={answer.matched === null ? "warning" : "integration"} size={22} />
        {answer.matched === null ? (
          <span>No integration: the gateway refused it</span>
        ) : (
          <Link to={`/integrations/${answer.matched.integrationId}`}>{answer.matched.integrationName}</Link>
        )}
      </div>
      <div className={classes.facts}>
        <StatusTag status={answer.status} />
        <span className="lk-muted">in {formatDuration(answer.totalMs * 1_000)}</span>
      </div>
      <CodeBlock label="Body of the response" text={prettyBody(answer) || "(no body)"} size="small" />
    </>
  );
}
