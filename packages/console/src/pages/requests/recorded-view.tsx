/** Recorded headers and bodies of a message, or why there are none. */
import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { Link } from "react-router";
import type { MessageRowFragment } from "../../gen/requests.js";
import { Disclosure } from "../../ui/disclosure.js";
import { Failure } from "../../ui/failure.js";
import { RowsSkeleton } from "../../ui/skeletons.js";
import { MaskedText } from "./masked-text.js";
import { RecordedBody } from "./recorded-body.js";
import { RecordingTag } from "./recording-tag.js";
import classes from "./requests.module.css";
import type { Recorded, RecordedContent, RecordedMessage } from "./use-recorded.js";

export interface RecordedViewProps {
  readonly message: MessageRowFragment;
  readonly recorded: Recorded;
}

export function RecordedView({ message, recorded }: RecordedViewProps) {
  const { message: found, isLoading, error, reload } = recorded;
  return (
    <section aria-label="Headers and bodies">
      <h3 className={classes.heading}>
        Headers and bodies <RecordingTag recording={message.api?.recording} />
      </h3>
      {found === null && error === undefined && isLoading && <RowsSkeleton rows={2} />}
      {found === null && error !== undefined && <Failure error={error} retry={reload} />}
      {found === null && error === undefined && !isLoading && (
        <p className={classes.missing}>
          The request is not stored yet.{" "}
          <Button size="compact-xs" variant="default" onClick={reload}>
            Reload
          </Button>
        </p>
      )}
      {found?.content === null && <Missing message={message} reason={found.contentMissing} />}
      {found?.content != null && <Parts message={message} content={found.content} />}
    </section>
  );
}

interface MissingProps {
  readonly message: MessageRowFragment;
  readonly reason: RecordedMessage["contentMissing"];
}

function Missing({ message: { api, apiId }, reason }: MissingProps) {
  if (reason === "NO_ROOM")
    return (
      <p className={classes.missing}>
        Not kept: more was recorded at that time than there was room for. The other facts of the request are
        whole.
      </p>
    );
  if (reason === "UNREADABLE")
    return (
      <p className={classes.missing}>
        They cannot be read: the control plane no longer has the encryption key that they were stored with.
      </p>
    );
  return (
    <p className={classes.missing}>
      Not recorded:{" "}
      {apiId === null ? "no key of an API came with the request" : "this API did not record then"}.{" "}
      {api !== null && api.recording === null && (
        <Link to={`/apis/${api.id}/requests`}>Record messages of this API</Link>
      )}
    </p>
  );
}

interface PartsProps {
  readonly message: MessageRowFragment;
  readonly content: RecordedContent;
}

/** Bodies pass the gateway unchanged: they are shown at the client's side. */
function Parts({ message, content }: PartsProps) {
  const { request, upstreamRequest, upstreamResponse, response } = content;
  const { method, path, status, requestBytes, responseBytes } = message;
  return (
    <>
      <Part
        title="Request of the client"
        line={`${method} ${request.target ?? path}`}
        headers={request.headers}
        isOpen
      >
        <RecordedBody label="Body of the request" part={request} bytes={requestBytes} />
      </Part>
      {upstreamRequest === null ? (
        <p className={classes.missing}>Nothing was sent to the integration.</p>
      ) : (
        <Part
          title="Request to the integration"
          line={[upstreamRequest.method, upstreamRequest.target].filter((part) => part !== null).join(" ")}
          headers={upstreamRequest.headers}
        >
          <p className={classes.missing}>The body is the same as in the client's request.</p>
        </Part>
      )}
      {upstreamResponse !== null && (
        <Part title="Response of the integration" line="" headers={upstreamResponse.headers}>
          <p className={classes.missing}>The body is the same as in the client's response.</p>
        </Part>
      )}
      {response === null ? (
        <p className={classes.missing}>
          The client got no response from the integration: the gateway responded by itself.
        </p>
      ) : (
        <Part title="Response to the client" line={String(status)} headers={response.headers} isOpen>
          <RecordedBody label="Body of the response" part={response} bytes={responseBytes} />
        </Part>
      )}
    </>
  );
}

interface PartProps {
  readonly title: string;
  readonly line: string;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly isOpen?: boolean;
  readonly children: ReactNode;
}

function Part({ title, line, headers, isOpen = false, children }: PartProps) {
  return (
    <Disclosure className={classes.part} summary={title} isOpenAtFirst={isOpen}>
      {() => (
        <div className={classes.partBody}>
          {line !== "" && (
            <p className="lk-mono lk-break">
              <MaskedText text={line} />
            </p>
          )}
          <dl className={classes.headers}>
            {headers.map(({ name, value }, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a header may come twice, and the list never changes
              <div key={index}>
                <dt>{name}</dt>
                <dd>
                  <MaskedText text={value} />
                </dd>
              </div>
            ))}
          </dl>
          {children}
        </div>
      )}
    </Disclosure>
  );
}
