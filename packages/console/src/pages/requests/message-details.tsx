/** One request: why it failed, where its time went, what it was matched to, and each attempt. */
import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { Link } from "react-router";
import type { MessageQuery, MessageRowFragment } from "../../gen/requests.js";
import { CopyButton } from "../../ui/copy-button.js";
import { formatBytes, formatDuration } from "../../ui/format.js";
import { Icon } from "../../ui/icon.js";
import { MethodBadge } from "../../ui/method-badge.js";
import { Tag } from "../../ui/tag.js";
import { exactTime } from "../../ui/time-ago.js";
import { curlLine, ingressBase } from "../try-it/request-parts.js";
import { targetText } from "../try-it/target.js";
import { statusTone } from "./message-columns.js";
import { MessageError } from "./message-error.js";
import { MessageTimeline } from "./message-timeline.js";
import { curlOfRecorded, type RecordedRequest } from "./recorded-request.js";
import { RecordedView } from "./recorded-view.js";
import classes from "./requests.module.css";
import { AGAIN_PARAM, againText, recordedRequest, useRecorded } from "./use-recorded.js";

type Server = MessageQuery["server"];

export interface MessageDetailsProps {
  readonly message: MessageRowFragment;
  /** Null: not known yet. */
  readonly server: Server | null;
}

export function MessageDetails({ message, server }: MessageDetailsProps) {
  const { apiId, method, path, route, status } = message;
  const recorded = useRecorded(message);
  const request = recorded.message === null ? null : recordedRequest(recorded.message);
  return (
    <div className={classes.details}>
      <p className={classes.headline}>
        <MethodBadge method={method} />
        <span className="lk-mono lk-break">{path}</span>
        <Tag tone={statusTone(message)}>{status}</Tag>
      </p>
      <div className={classes.actions}>
        {server !== null && <CopyButton label="Copy as curl" text={curlOf(message, request, server)} />}
        {apiId !== null && route !== null && (
          <Button
            component={Link}
            to={`/apis/${apiId}?${new URLSearchParams({
              try: targetText(method, route.path),
              ...(request !== null && { [AGAIN_PARAM]: againText(message) }),
            })}`}
            size="xs"
            variant="default"
            leftSection={<Icon name="send" size={14} />}
          >
            {request === null ? "Open in “Try it”" : "Send again"}
          </Button>
        )}
        <CopyButton label="Copy interchange id" text={message.interchangeId} />
      </div>
      <MessageError message={message} />
      <MessageTimeline message={message} />
      <Facts message={message} />
      {message.attempts.length > 0 && <Attempts message={message} />}
      <RecordedView message={message} recorded={recorded} />
    </div>
  );
}

function Facts({ message }: { readonly message: MessageRowFragment }) {
  const { api, apiId, key, keyId, route, routeId, integration, integrationId, revision } = message;
  return (
    <dl className={classes.facts}>
      <Fact name="Time">{exactTime(message.at)}</Fact>
      <Fact name="Interchange id">
        <span className="lk-mono lk-break">{message.interchangeId}</span>
      </Fact>
      <Fact name="API">
        <Named
          to={api === null ? null : `/apis/${api.id}`}
          name={api?.title}
          id={apiId}
          none="The key is not known"
        />
      </Fact>
      <Fact name="Key">
        <Named
          to={key === null ? null : `/apis/${apiId}/keys/${key.id}`}
          name={key?.name}
          id={keyId}
          none="None that is known"
        />
      </Fact>
      <Fact name="Route">
        {route === null ? (
          <Named to={null} name={undefined} id={routeId} none="None matched" />
        ) : (
          <span className={classes.request}>
            <MethodBadge method={route.method} compact />{" "}
            <span className="lk-mono lk-break">{route.path}</span>
          </span>
        )}
      </Fact>
      <Fact name="Integration">
        <Named
          to={integration === null ? null : `/integrations/${integration.id}`}
          name={integration?.name}
          id={integrationId}
          none="None"
        />
      </Fact>
      <Fact name="Node">
        <Link to={`/nodes?node=${message.nodeId}`}>
          <bdi>{message.nodeName}</bdi>
        </Link>
      </Fact>
      <Fact name="Revision">{revision === null ? "None" : revision.number}</Fact>
      <Fact name="Bodies">
        {formatBytes(message.requestBytes)} in, {formatBytes(message.responseBytes)} out
      </Fact>
    </dl>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

interface NamedProps {
  readonly to: string | null;
  readonly name: string | undefined;
  readonly id: string | null;
  readonly none: string;
}

/** A link to what is still there, the id of what was deleted, or that there was none. */
function Named({ to, name, id, none }: NamedProps) {
  if (to !== null && name !== undefined)
    return (
      <Link to={to}>
        <bdi>{name}</bdi>
      </Link>
    );
  return id === null ? <span className="lk-muted">{none}</span> : <code className="lk-break">{id}</code>;
}

function Attempts({ message }: { readonly message: MessageRowFragment }) {
  return (
    <section aria-label="Attempts">
      <h3 className={classes.heading}>Sent to the integration</h3>
      <ol className={classes.attempts}>
        {message.attempts.map(({ url, startedMs, status, errorCode, durationMs }) => (
          <li key={startedMs}>
            <span className="lk-mono lk-break">{url}</span>
            <span className={classes.status}>
              {status !== null && (
                <Tag tone={status >= 500 ? "bad" : status >= 400 ? "warn" : "ok"}>{status}</Tag>
              )}
              {errorCode !== null && <code className={classes.code}>{errorCode}</code>}
              {status === null && errorCode === null && <span className="lk-muted">No response</span>}
              <span className={classes.took}>{formatDuration(durationMs * 1_000)}</span>
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** Without headers, body and query where they were not recorded. */
function curlOf(
  { method, path, interchangeId }: MessageRowFragment,
  recorded: RecordedRequest | null,
  server: Server,
): string {
  if (recorded !== null) return curlOfRecorded(recorded, server);
  const { ingressUrl, keyHeader } = server;
  const headers = [
    [keyHeader, "YOUR_KEY"],
    ["InterchangeId", interchangeId],
  ] as const;
  return curlLine({ method, url: `${ingressBase(ingressUrl)}${path}`, headers, body: null });
}
