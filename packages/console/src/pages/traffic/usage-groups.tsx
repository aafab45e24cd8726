/** The requests of a time in groups: which APIs, routes, keys, integrations, nodes or errors they are of. */
import { NativeSelect } from "@mantine/core";
import { Link } from "react-router";
import { useQuery } from "urql";
import { UsageGroupsDocument } from "../../gen/traffic.js";
import { usePolling } from "../../graphql/use-polling.js";
import { EmptyState } from "../../ui/empty-state.js";
import { Failure } from "../../ui/failure.js";
import { formatCount, formatDuration, formatPercent } from "../../ui/format.js";
import { Panel } from "../../ui/page.js";
import { Sparkline } from "../../ui/sparkline.js";
import table from "../../ui/table.module.css";
import { useListParams } from "../../ui/use-list-params.js";
import { groupLink, type UsageGroup, type UsageGroupKind } from "./group-link.js";
import classes from "./traffic.module.css";
import type { TrafficWindow } from "./traffic-window.js";
import { type TrafficScope, useWindowBegin } from "./use-traffic.js";

const AGAIN_MS = 15_000;
const GROUPS_MAX = 10;
const BAD_SHARE = 0.05;

const kinds = [
  { value: "API", label: "API" },
  { value: "ROUTE", label: "Route" },
  { value: "KEY", label: "Key" },
  { value: "INTEGRATION", label: "Integration" },
  { value: "NODE", label: "Node" },
  { value: "STATUS_CLASS", label: "Status class" },
  { value: "ERROR", label: "Error" },
] as const satisfies readonly { readonly value: UsageGroupKind; readonly label: string }[];

const orders = [
  { value: "REQUESTS", label: "Most requests", those: "Those with the most requests" },
  { value: "LATENCY", label: "Slowest", those: "Those with the highest p95 of at least 20 requests" },
  { value: "SERVER_ERRORS", label: "Most 5xx", those: "Those with the most 5xx responses" },
  {
    value: "PREVIOUS_SECRET",
    label: "Previous secret",
    those: "Those with the most requests with a secret from before a regeneration",
  },
] as const;

export interface UsageGroupsProps {
  readonly scope: TrafficScope;
  readonly window: TrafficWindow;
}

/** Kind and order are the address's `by` and `order`; the first ones for any other text. */
export function UsageGroups({ scope, window }: UsageGroupsProps) {
  const params = useListParams();
  const kind = kinds.find(({ value }) => value === params.get("by")) ?? kinds[scope.apiId === null ? 0 : 1];
  const chosen = orders.find(({ value }) => value === params.get("order")) ?? orders[0];
  const from = useWindowBegin(window);
  const [{ data, error, operation }, execute] = useQuery({
    query: UsageGroupsDocument,
    variables: { from, by: kind.value, orderBy: chosen.value, first: GROUPS_MAX, filter: { ...scope } },
    requestPolicy: "cache-and-network",
  });
  usePolling(execute, AGAIN_MS);
  const usage = data?.usage;
  // While others load, the groups are those that were asked for before.
  const shownKind = kinds.find(({ value }) => value === operation?.variables.by) ?? kind;
  return (
    <Panel
      title={`Requests by ${kind.value === "API" ? "API" : kind.label.toLowerCase()}`}
      description={`${chosen.those}, ${window.label}`}
      padded={false}
      actions={
        <>
          <NativeSelect
            size="xs"
            aria-label="Group by"
            value={kind.value}
            onChange={(event) => params.set({ by: event.currentTarget.value })}
            data={[...kinds]}
          />
          <NativeSelect
            size="xs"
            aria-label="Order by"
            value={chosen.value}
            onChange={(event) => params.set({ order: event.currentTarget.value })}
            data={orders.map(({ value, label }) => ({ value, label }))}
          />
        </>
      }
    >
      {usage === undefined ? (
        error === undefined ? null : (
          <Failure error={error} retry={() => execute({ requestPolicy: "network-only" })} />
        )
      ) : usage.groups.groups.length === 0 ? (
        <EmptyState icon="activity" title="No requests">
          None were counted in this time.
        </EmptyState>
      ) : (
        <GroupTable
          kind={shownKind}
          groups={usage.groups.groups}
          other={usage.groups.otherRequests}
          all={usage.total.requests}
          linkTo={(group) => groupLink(group, shownKind.value, scope, window.value)}
          isOfAllApis={scope.apiId === null}
        />
      )}
    </Panel>
  );
}

interface GroupTableProps {
  readonly kind: (typeof kinds)[number];
  readonly groups: readonly UsageGroup[];
  readonly other: number;
  readonly all: number;
  readonly linkTo: (group: UsageGroup) => string | null;
  /** Routes and keys are shown with their API: those of several have the same names. */
  readonly isOfAllApis: boolean;
}

function GroupTable({ kind, groups, other, all, linkTo, isOfAllApis }: GroupTableProps) {
  const isOfKey = kind.value === "KEY";
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section className={classes.groups} aria-label={`Requests by ${kind.label}`} tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">{kind.label}</th>
            <th scope="col">Trend</th>
            <th scope="col">Requests</th>
            <th scope="col">Share</th>
            <th scope="col">4xx</th>
            <th scope="col">5xx</th>
            <th scope="col">p95</th>
            {isOfKey && <th scope="col">Previous secret</th>}
          </tr>
        </thead>
        <tbody>
          {groups.map((group) => (
            <GroupRow
              key={group.key}
              group={group}
              all={all}
              kind={kind.value}
              to={linkTo(group)}
              apiTitle={isOfAllApis ? (group.api?.title ?? null) : null}
            />
          ))}
          {other > 0 && (
            <tr>
              <td className="lk-muted">Others</td>
              <td className={classes.trend} />
              <td data-label="Requests">{formatCount(other)}</td>
              <td data-label="Share">{all === 0 ? "–" : formatPercent(other / all)}</td>
              <td colSpan={isOfKey ? 4 : 3} />
            </tr>
          )}
        </tbody>
      </table>
    </section>
  );
}

function GroupRow({
  group,
  all,
  kind,
  to,
  apiTitle,
}: {
  readonly group: UsageGroup;
  readonly all: number;
  readonly kind: UsageGroupKind;
  /** Null: there is no page about it. */
  readonly to: string | null;
  /** Null: none, or the page's. */
  readonly apiTitle: string | null;
}) {
  const { requests, clientErrors, serverErrors, previousSecret, p95Ms } = group.total;
  return (
    <tr>
      <td>
        <bdi>{to === null ? nameOf(group, kind) : <Link to={to}>{nameOf(group, kind)}</Link>}</bdi>
        {apiTitle !== null && <bdi className={table.sub}>{apiTitle}</bdi>}
      </td>
      <td className={classes.trend}>
        <Sparkline
          label="Requests"
          values={group.points.slice(0, -1).map((point) => point.requests)}
          height={22}
        />
      </td>
      <td data-label="Requests">{formatCount(requests)}</td>
      <td data-label="Share">{all === 0 ? "–" : formatPercent(requests / all)}</td>
      <td data-label="4xx">{formatPercent(clientErrors / requests)}</td>
      <td data-label="5xx" data-bad={serverErrors / requests >= BAD_SHARE || undefined}>
        {formatPercent(serverErrors / requests)}
      </td>
      <td data-label="p95">{p95Ms === null ? "–" : formatDuration(p95Ms * 1_000)}</td>
      {kind === "KEY" && (
        <td data-label="Previous secret">{previousSecret === 0 ? "–" : formatCount(previousSecret)}</td>
      )}
    </tr>
  );
}

function nameOf({ key, name, status, errorCode }: UsageGroup, kind: UsageGroupKind): string {
  if (kind === "ERROR") return `${status ?? ""} ${errorCode ?? "from the integration"}`;
  if (kind === "STATUS_CLASS") return key;
  if (key === "") return kind === "ROUTE" ? "No route" : "No known key";
  if (key === "other") return "Others, not counted one by one";
  return name ?? `Deleted (${key})`;
}
