/** Why a request failed: what its error code means and what to check, as docs/failure-modes.md says. */
import { Link } from "react-router";
import type { MessageRowFragment } from "../../gen/requests.js";
import { LiteralText } from "../../ui/literal-text.js";
import { refusalLink } from "../try-it/gateway-refusal.js";
import classes from "./requests.module.css";

const owners = {
  CLIENT: "The client has to act.",
  UPSTREAM: "The owner of the integration has to act.",
  GATEWAY: "The operator of this installation has to act.",
} as const;
const retries = {
  NEVER: "The same request fails again.",
  LATER: "The same request may succeed later.",
  IF_UNSENT: "The same request may succeed; the gateway repeats it only where nothing was sent.",
} as const;

export function MessageError({ message }: { readonly message: MessageRowFragment }) {
  const { error, errorCode, status, apiId, key, integration, nodeId, nodeName } = message;
  if (errorCode === null && status < 400) return null;
  if (errorCode === null)
    return (
      <Reason title={`The integration responded with ${status}.`}>
        The gateway passed the response on unchanged. The integration's own log has the reason.
      </Reason>
    );
  const node = { id: nodeId, name: nodeName };
  const link = refusalLink(errorCode, { apiId, key, integration, node });
  return (
    <Reason title={error?.title ?? "The gateway responded by itself."} code={errorCode}>
      {error !== null && (
        <>
          <p>
            <LiteralText text={error.meaning} />
          </p>
          <p>
            <strong>What to check:</strong> <LiteralText text={error.check} />
          </p>
          <p className="lk-muted">
            {owners[error.owner]} {retries[error.retry]}
          </p>
        </>
      )}
      {link !== null && (
        <Link to={link.to}>
          <bdi>{link.label}</bdi>
        </Link>
      )}
    </Reason>
  );
}

function Reason({
  title,
  code,
  children,
}: {
  readonly title: string;
  readonly code?: string;
  readonly children: React.ReactNode;
}) {
  return (
    <section className={classes.reason} aria-label="Why it failed">
      <h3 className={classes.reasonTitle}>{title}</h3>
      {code !== undefined && <code>{code}</code>}
      <div className={classes.reasonText}>{children}</div>
    </section>
  );
}
