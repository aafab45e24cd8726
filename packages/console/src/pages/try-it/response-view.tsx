/** What came back: status, timing, which integration got it, body and headers. */
import { SegmentedControl } from "@mantine/core";
import { useState } from "react";
import { Link } from "react-router";
import { CodeBlock } from "../../ui/code-block.js";
import { CopyButton } from "../../ui/copy-button.js";
import { formatBytes, formatDuration } from "../../ui/format.js";
import { MethodBadge } from "../../ui/method-badge.js";
import { prettyJson } from "../operation/json.js";
import { gatewayRefusal, refusalLink } from "./gateway-refusal.js";
import type { TriedResponse } from "./send-request.js";
import type { Sent } from "./try-history.js";
import classes from "./try-it.module.css";

type Part = "body" | "headers";

export interface ResponseViewProps {
  readonly apiId: string | null;
  /** Null: not known. */
  readonly sentKey: Sent["key"];
  readonly response: TriedResponse;
  /** Keys are compared: both responses fit into the drawer. */
  readonly isBesideAnother: boolean;
}

export function ResponseView({ apiId, sentKey, response, isBesideAnother }: ResponseViewProps) {
  const [part, setPart] = useState<Part>("body");
  const body = response.isBinary ? response.body : prettyJson(response.body);
  return (
    <div className={classes.response}>
      <div className={classes.responseHead}>
        <span
          className={classes.status}
          data-tone={statusTone(response.status)}
          data-testid="response-status"
        >
          {response.status} {response.statusText}
        </span>
        <span className="lk-muted">
          {formatDuration(response.totalMs * 1_000)} · first byte{" "}
          {formatDuration(response.firstByteMs * 1_000)} · {formatBytes(response.bodyBytes)}
        </span>
      </div>
      <ReachedIntegration apiId={apiId} sentKey={sentKey} response={response} />
      <RequestLink response={response} />
      <div className={classes.responseTabs}>
        <SegmentedControl
          size="xs"
          aria-label="Part of the response"
          value={part}
          onChange={(value) => setPart(value as Part)}
          data={[
            { value: "body", label: "Body" },
            { value: "headers", label: `Headers (${response.headers.length})` },
          ]}
        />
        {part === "body" && body !== "" && <CopyButton text={body} label="Copy" />}
      </div>
      {part === "body" ? (
        <CodeBlock
          label="Body of the response"
          size={isBesideAnother ? "small" : "large"}
          text={(body === "" ? "(no body)" : body) + (response.isTruncated ? "\n… (more was not kept)" : "")}
        />
      ) : (
        <dl className={classes.headerList}>
          {response.headers.map(([name, value], index) => (
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

/** To the request in the message trail, which has it a second or two later. */
function RequestLink({ response }: { readonly response: TriedResponse }) {
  const id = response.headers.find(([name]) => name.toLowerCase() === "interchangeid")?.[1];
  if (id === undefined) return null;
  return (
    <Link to={`/requests?${new URLSearchParams({ message: id })}`} className={classes.requestLink}>
      Show in Requests
    </Link>
  );
}

type OutcomeProps = Pick<ResponseViewProps, "apiId" | "sentKey" | "response">;

function ReachedIntegration(props: OutcomeProps) {
  const { matched, fromGateway } = props.response;
  if (fromGateway || matched === null) return <Refusal {...props} />;
  return (
    <p className={classes.reached} data-testid="reached">
      <span className="lk-muted">Matched</span> <MethodBadge method={matched.method} compact />{" "}
      <span className="lk-mono lk-break">{matched.pattern}</span>{" "}
      <span className="lk-muted">and reached</span>{" "}
      <Link to={`/integrations/${matched.integrationId}`}>{matched.integrationName}</Link>
    </p>
  );
}

function Refusal({ apiId, sentKey, response }: OutcomeProps) {
  const { matched } = response;
  const refusal = gatewayRefusal(response);
  const integration = matched && { id: matched.integrationId, name: matched.integrationName };
  const link = refusal && refusalLink(refusal.code, { apiId, key: sentKey, integration });
  const isUpstreams = refusal?.code.startsWith("upstream.") === true;
  return (
    <p className={classes.reached} data-tone="gateway" data-testid="reached">
      <span>
        {isUpstreams
          ? "The gateway has no response of the integration."
          : "The gateway refused the request: no integration got it."}
        {refusal !== null && (
          <>
            {" "}
            <code>{refusal.code}</code> {refusal.detail}
          </>
        )}
      </span>
      {link !== null && (
        <Link to={link.to}>
          <bdi>{link.label}</bdi>
        </Link>
      )}
    </p>
  );
}

export function statusTone(status: number): "ok" | "warn" | "bad" {
  if (status >= 500) return "bad";
  return status >= 400 ? "warn" : "ok";
}
