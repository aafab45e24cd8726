/** Sampled requests as they happen, newest first: without bodies, secrets and queries. Can be paused. */
import { Button, Checkbox } from "@mantine/core";
import { useMemo, useState } from "react";
import { Link } from "react-router";
import { RequestTailDocument } from "../../gen/traffic.js";
import { EmptyState } from "../../ui/empty-state.js";
import { formatDuration } from "../../ui/format.js";
import { LiveTag } from "../../ui/live-tag.js";
import { MethodBadge } from "../../ui/method-badge.js";
import { Panel } from "../../ui/page.js";
import { Tag } from "../../ui/tag.js";
import { useNodes } from "../nodes/use-nodes.js";
import { useRequestTail } from "../requests/use-request-tail.js";
import classes from "./traffic.module.css";
import type { TrafficScope } from "./use-traffic.js";

const KEPT_MAX = 100;

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });

export function RequestTail({ scope }: { readonly scope: TrafficScope }) {
  const [isPaused, setPaused] = useState(false);
  const [errorsOnly, setErrorsOnly] = useState(false);
  const { nodes } = useNodes();
  const nodeNames = useMemo(() => new Map(nodes?.map((node) => [node.id, node.name])), [nodes]);
  const shown = useRequestTail({
    query: RequestTailDocument,
    filter: { ...scope, outcome: errorsOnly ? "FAILED" : null },
    isPaused,
    keptMax: KEPT_MAX,
  });

  return (
    <Panel
      title="Request tail"
      description="A sample of requests, refused ones included, without bodies, secrets and queries."
      padded={false}
      actions={
        <>
          <LiveTag />
          <Checkbox
            size="xs"
            label="Errors only"
            checked={errorsOnly}
            onChange={(event) => setErrorsOnly(event.currentTarget.checked)}
          />
          <Button size="xs" variant="default" onClick={() => setPaused(!isPaused)}>
            {isPaused ? "Resume" : "Pause"}
          </Button>
        </>
      }
    >
      {shown.length === 0 ? (
        <EmptyState icon="activity" title={isPaused ? "Paused" : "Waiting for requests"}>
          Send one through the ingress, for example from “Try it”, and it appears here.
        </EmptyState>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
        <section className={classes.tailScroll} aria-label="Sampled requests" tabIndex={0}>
          <table className={classes.tail}>
            <caption className="lk-visually-hidden">Sampled requests, newest first</caption>
            <thead>
              <tr>
                <th scope="col">Time</th>
                <th scope="col">Status</th>
                <th scope="col">Method</th>
                <th scope="col">Path</th>
                <th scope="col" className={classes.wide}>
                  Key
                </th>
                <th scope="col" className={classes.wide}>
                  Node
                </th>
                <th scope="col">Took</th>
                <th scope="col">Interchange id</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((sample) => (
                <tr key={`${sample.interchangeId} ${sample.at} ${sample.nodeId}`}>
                  <td>{clock.format(new Date(sample.at))}</td>
                  <td>
                    <Tag tone={sample.status >= 500 ? "bad" : sample.status >= 400 ? "warn" : "ok"}>
                      {sample.status}
                    </Tag>
                    {sample.errorCode !== null && <span className={classes.code}>{sample.errorCode}</span>}
                  </td>
                  <td>
                    <MethodBadge method={sample.method} compact />
                  </td>
                  <td className={`lk-mono lk-break ${classes.path}`}>{sample.path}</td>
                  <td className={classes.wide}>
                    {sample.key === null ? (
                      <span className="lk-muted">{sample.keyId ?? "–"}</span>
                    ) : (
                      <Link to={`/apis/${sample.apiId}/keys/${sample.key.id}`}>
                        <bdi>{sample.key.name}</bdi>
                      </Link>
                    )}
                  </td>
                  <td className={classes.wide}>{nodeNames.get(sample.nodeId) ?? sample.nodeId}</td>
                  <td className={classes.number}>{formatDuration(sample.durationMs * 1_000)}</td>
                  <td className={`lk-mono ${classes.id}`}>
                    <Link to={`/requests?${new URLSearchParams({ message: sample.interchangeId })}`}>
                      {sample.interchangeId}
                    </Link>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </Panel>
  );
}
