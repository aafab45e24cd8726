/** Tests the connection to an integration from the control plane, and shows each step with its time. */
import { Button, NativeSelect } from "@mantine/core";
import { useState } from "react";
import { useMutation } from "urql";
import { TestIntegrationDocument, type TestIntegrationMutation } from "../../gen/integrations.js";
import { problemOf } from "../../graphql/problem-of.js";
import { formatDuration } from "../../ui/format.js";
import { Icon } from "../../ui/icon.js";
import { Panel } from "../../ui/page.js";
import classes from "./connection-test.module.css";

type Test = NonNullable<TestIntegrationMutation["testIntegration"]["test"]>;

export interface ConnectionTestProps {
  readonly integration: { readonly id: string; readonly urls: readonly string[] };
}

export function ConnectionTest({ integration }: ConnectionTestProps) {
  const { id, urls } = integration;
  const [chosen, setChosen] = useState<string | null>(null);
  const [test, setTest] = useState<Test | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [{ fetching }, run] = useMutation(TestIntegrationDocument);
  const url = chosen !== null && urls.includes(chosen) ? chosen : urls[0];
  if (url === undefined) return null;

  async function start(): Promise<void> {
    const { data, error } = await run({ input: { id, url: url ?? null } });
    setTest(data?.testIntegration.test ?? null);
    setProblem(problemOf(data?.testIntegration.userErrors, error, "The connection was not tested."));
  }

  return (
    <Panel
      title="Connection"
      description="From the control plane, which may be in another network than the nodes. Sends one request without a body."
      actions={
        <Button
          size="xs"
          variant="default"
          loading={fetching}
          leftSection={<Icon name="plug-connected" size={15} />}
          onClick={() => void start()}
        >
          Test connection
        </Button>
      }
    >
      <div className={classes.test}>
        {urls.length > 1 && (
          <NativeSelect
            label="URL"
            value={url}
            onChange={(event) => setChosen(event.currentTarget.value)}
            data={[...urls]}
          />
        )}
        <div aria-live="polite">
          {problem !== null && <p className="lk-problem">{problem}</p>}
          {problem === null && test !== null && <Steps test={test} />}
          {problem === null && test === null && (
            <p className={`lk-muted ${classes.hint}`}>Not tested since the page was opened.</p>
          )}
        </div>
      </div>
    </Panel>
  );
}

function Steps({ test }: { readonly test: Test }) {
  return (
    <>
      <ol className={classes.steps} aria-label={`Steps to ${test.url}`}>
        {test.steps.map((step) => (
          <li key={step.name} className={classes.step} data-failed={step.problem !== null || undefined}>
            {step.problem === null ? (
              <Icon name="circle-check" size={18} />
            ) : (
              <Icon name="circle-x" size={18} />
            )}
            <strong>{step.name}</strong>
            <span className="lk-break">{step.problem ?? step.detail}</span>
            <span className={classes.time}>{formatDuration(step.milliseconds * 1_000)}</span>
          </li>
        ))}
      </ol>
      <p className={classes.verdict}>{verdictOf(test)}</p>
      {test.notSent.map(({ name, reason }) => (
        <p key={name} className={`${classes.verdict} lk-muted`}>
          Tested without the credential “{name}”. {reason}
        </p>
      ))}
    </>
  );
}

function verdictOf({ status, steps, notSent }: Test): string {
  if (status === null) return `It fails at ${steps.at(-1)?.name ?? "the first step"}.`;
  if (status >= 500) return `It is reached, and responds with ${status}.`;
  if (status >= 400 && notSent.length > 0)
    return `It is reached. ${status} may be right for a request without the login.`;
  return status >= 400
    ? `It is reached. ${status} may be right for a request without a body.`
    : "It is reached, and responds well.";
}
