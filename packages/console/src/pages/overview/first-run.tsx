/** Three steps to a first request: an integration, an API, and a call with its key. Gone once a request came. */
import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { Icon } from "../../ui/icon.js";
import { Panel } from "../../ui/page.js";
import { FirstCall } from "./first-call.js";
import classes from "./first-run.module.css";
import { firstRunSteps } from "./first-run-steps.js";
import type { OverviewData } from "./overview-data.js";

export function FirstRun({ data }: { readonly data: OverviewData }) {
  const { hasIntegration, api, hasRequest } = firstRunSteps(data);
  const current = !hasIntegration ? 1 : api === null ? 2 : 3;
  return (
    <Panel title="Send your first request" description="Three steps. Each takes a minute." padded={false}>
      <ol className={classes.steps}>
        <Step number={1} title="Create an integration" isDone={hasIntegration} isCurrent={current === 1}>
          <p>The HTTP target that gets the requests, such as https://orders.example.com/in.</p>
          <Button
            component={Link}
            to="/integrations/new"
            size="xs"
            variant={current === 1 ? "filled" : "default"}
          >
            Create integration
          </Button>
        </Step>
        <Step number={2} title="Create an API" isDone={api !== null} isCurrent={current === 2}>
          <p>Routes from methods and paths to integrations. Its first key is shown once.</p>
          <Button component={Link} to="/apis/new" size="xs" variant={current === 2 ? "filled" : "default"}>
            Create API
          </Button>
        </Step>
        <Step number={3} title="Call it with its key" isDone={hasRequest} isCurrent={current === 3}>
          {api === null ? (
            <p>The key selects the API; method and path select the integration.</p>
          ) : (
            <FirstCall api={api} server={data.server} />
          )}
        </Step>
      </ol>
    </Panel>
  );
}

interface StepProps {
  readonly number: number;
  readonly title: string;
  readonly isDone: boolean;
  readonly isCurrent: boolean;
  readonly children: ReactNode;
}

function Step({ number, title, isDone, isCurrent, children }: StepProps) {
  return (
    <li className={classes.step} aria-current={isCurrent ? "step" : undefined}>
      <span className={classes.number} data-done={isDone || undefined} aria-hidden="true">
        {isDone ? <Icon name="check" /> : number}
      </span>
      <div className={classes.body}>
        <h3 className={classes.title}>
          {title}
          {isDone && <span className="lk-visually-hidden"> (done)</span>}
        </h3>
        {children}
      </div>
    </li>
  );
}
