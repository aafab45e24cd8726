/** The home page: how the fleet and its traffic do, what needs attention, and what was changed last. One query. */
import { Button } from "@mantine/core";
import { Link } from "react-router";
import { useQuery } from "urql";
import { OverviewDocument } from "../../gen/overview.js";
import { usePolling } from "../../graphql/use-polling.js";
import { Failure } from "../../ui/failure.js";
import { Icon } from "../../ui/icon.js";
import { LiveTag } from "../../ui/live-tag.js";
import { Page, Panel } from "../../ui/page.js";
import { AttentionList } from "./attention-list.js";
import { FirstRun } from "./first-run.js";
import { isFirstRun } from "./first-run-steps.js";
import { LastChanges } from "./last-changes.js";
import classes from "./overview.module.css";
import type { OverviewData } from "./overview-data.js";
import { OverviewSkeleton } from "./overview-skeleton.js";
import { OverviewStats } from "./overview-stats.js";
import { TopApis } from "./top-apis.js";
import { TopErrors } from "./top-errors.js";
import { TrafficBars } from "./traffic-bars.js";

const AGAIN_MS = 15_000;

export function OverviewPage() {
  const [{ data, error }, execute] = useQuery({
    query: OverviewDocument,
    requestPolicy: "cache-and-network",
  });
  usePolling(execute, AGAIN_MS);
  return (
    <Page
      title="Overview"
      description="The last hour of all APIs, and what needs attention."
      badges={<LiveTag />}
      actions={
        <Button component={Link} to="/apis/new" leftSection={<Icon name="plus" />}>
          New API
        </Button>
      }
    >
      {data === undefined && error === undefined && <OverviewSkeleton />}
      {data === undefined && error !== undefined && (
        <Failure error={error} retry={() => execute({ requestPolicy: "network-only" })} />
      )}
      {data !== undefined && <Content data={data} />}
    </Page>
  );
}

function Content({ data }: { readonly data: OverviewData }) {
  const { topApis, topErrors, attention } = data.overview;
  return (
    <>
      {isFirstRun(data) && <FirstRun data={data} />}
      <OverviewStats traffic={data.traffic} />
      <div className={classes.columns}>
        <div className={classes.main}>
          <TrafficBars traffic={data.traffic} />
          <div className={classes.pair}>
            <Panel title="Top APIs" description="By requests in the last hour" padded={false}>
              <TopApis ranked={topApis} traffic={data.traffic} />
            </Panel>
            <Panel title="Top errors" description="By status and error code" padded={false}>
              <TopErrors ranked={topErrors} traffic={data.traffic} />
            </Panel>
          </div>
        </div>
        <div className={classes.side}>
          <AttentionList items={attention} />
          <LastChanges entries={data.auditLog.nodes} />
        </div>
      </div>
    </>
  );
}
