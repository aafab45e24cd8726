/** The product's idea at one glance: one request, sent twice with two keys, reaches two integrations. */
import { Button, NativeSelect, PasswordInput, Textarea, TextInput } from "@mantine/core";
import { type FormEvent, useEffect, useState } from "react";
import { Link } from "react-router";
import { useQuery } from "urql";
import { SandboxPairDocument } from "../../gen/sandbox.js";
import { EmptyState } from "../../ui/empty-state.js";
import { Icon } from "../../ui/icon.js";
import { methods } from "../../ui/method-badge.js";
import { Page, Panel } from "../../ui/page.js";
import { useListParams } from "../../ui/use-list-params.js";
import { ApiSelect } from "../apis/api-select.js";
import { DeleteQuestion } from "../try-it/delete-question.js";
import { fillPath, hasBody, parametersOf } from "../try-it/request-parts.js";
import { LaneAnswer } from "./lane-answer.js";
import classes from "./sandbox.module.css";
import { findPair, sharedRoute } from "./shared-path.js";
import { type Lane, PASTED, useLane } from "./use-lane.js";

const EXAMPLE_BODY = '{ "hello": "from the sandbox" }';

export function SandboxPage() {
  const params = useListParams();
  const [{ data: pair }] = useQuery({ query: SandboxPairDocument });
  const suggested = pair === undefined ? null : findPair(pair.apis.nodes);
  const left = useLane(params.get("a") || (suggested?.[0].id ?? null));
  const right = useLane(params.get("b") || (suggested?.[1].id ?? null));
  const [method, setMethod] = useState("");
  const [path, setPath] = useState("");
  const [body, setBody] = useState(EXAMPLE_BODY);
  const [isConfirming, setConfirming] = useState(false);
  const [isSending, setSending] = useState(false);
  const [isTouched, setTouched] = useState(false);
  const [missing, setMissing] = useState<string | null>(null);

  // The first route that both have makes a good start, until somebody types another.
  useEffect(() => {
    if (isTouched || left.api === null || right.api === null) return;
    const shared = sharedRoute(left.api.routes, right.api.routes) ?? left.api.routes[0];
    if (shared === undefined) return;
    setMethod(shared.method === "ANY" ? "GET" : shared.method);
    setPath(fillPath(shared.path, Object.fromEntries(parametersOf(shared.path).map((name) => [name, "42"]))));
  }, [isTouched, left.api, right.api]);

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (method === "DELETE") setConfirming(true);
    else void send();
  }

  async function send(): Promise<void> {
    setConfirming(false);
    setMissing(null);
    setSending(true);
    const request = { method, path, body: hasBody(method) && body !== "" ? body : null };
    const sent = await Promise.all([left.send(request), right.send(request)]);
    setSending(false);
    if (sent.includes(false))
      setMissing("Each side needs an API and a key: choose or paste the missing one.");
  }

  const integrations = [left, right].map((lane) =>
    lane.outcome?.kind === "answered" ? lane.outcome.answer.matched?.integrationName : undefined,
  );
  const [first, second] = integrations;
  const verdict =
    first === undefined || second === undefined
      ? null
      : first === second
        ? `Both keys reached ${first}.`
        : `Same method, same path. The key alone decided: ${first} got one, ${second} the other.`;

  return (
    <Page
      title="Sandbox for two keys"
      description="Thousands of APIs may share a path: only the key tells them apart. Send one request with two keys and see."
    >
      {pair !== undefined && pair.apis.nodes.length === 0 ? (
        <Panel padded={false}>
          <EmptyState
            icon="sandbox"
            title="Two APIs make a sandbox"
            action={
              <Button component={Link} to="/apis/new">
                New API
              </Button>
            }
          >
            Make two APIs with the same path and different integrations, then compare them here.
          </EmptyState>
        </Panel>
      ) : (
        <form className={classes.sandbox} onSubmit={submit} noValidate>
          <Panel>
            <div className={classes.request}>
              <NativeSelect
                label="Method"
                value={method}
                onChange={(event) => {
                  setTouched(true);
                  setMethod(event.currentTarget.value);
                }}
                data={methods.filter((each) => each !== "ANY")}
              />
              <TextInput
                label="Path"
                classNames={{ input: classes.path ?? "" }}
                value={path}
                onChange={(event) => {
                  setTouched(true);
                  setPath(event.currentTarget.value);
                }}
                autoComplete="off"
                spellCheck={false}
              />
              <Button type="submit" loading={isSending} leftSection={<Icon name="send" />}>
                Send with both keys
              </Button>
            </div>
            {hasBody(method) && (
              <Textarea
                mt="sm"
                label="Body"
                description="Sent as application/json."
                classNames={{ input: classes.path ?? "" }}
                autosize
                minRows={2}
                maxRows={12}
                value={body}
                onChange={(event) => setBody(event.currentTarget.value)}
                spellCheck={false}
              />
            )}
            <DeleteQuestion
              opened={isConfirming}
              path={path}
              isTwice
              onConfirm={() => void send()}
              onClose={() => setConfirming(false)}
            />
            {missing !== null && (
              <p className="lk-problem" role="alert">
                {missing}
              </p>
            )}
          </Panel>
          <div className={classes.fork} aria-hidden="true">
            <svg viewBox="0 0 400 44" preserveAspectRatio="none" aria-hidden="true">
              <path d="M200 0 V12 Q200 22 180 22 H120 Q100 22 100 34 V44" />
              <path d="M200 0 V12 Q200 22 220 22 H280 Q300 22 300 34 V44" />
            </svg>
          </div>
          <div className={classes.lanes}>
            <LaneView name="key A" lane={left} param="a" onApi={(id) => params.set({ a: id })} />
            <LaneView name="key B" lane={right} param="b" onApi={(id) => params.set({ b: id })} />
          </div>
          <p className={classes.verdict} role="status" data-testid="verdict">
            {verdict !== null && (
              <>
                <Icon name={first === second ? "info" : "check"} size={18} /> {verdict}
              </>
            )}
          </p>
        </form>
      )}
    </Page>
  );
}

interface LaneViewProps {
  readonly name: string;
  readonly param: string;
  readonly lane: Lane;
  readonly onApi: (id: string | null) => void;
}

function LaneView({ name, param, lane, onApi }: LaneViewProps) {
  const { api, key, keys, secrets } = lane;
  return (
    <Panel title={name.replace("key", "Key")}>
      <div className={classes.lane} data-testid={`lane-${param}`}>
        <ApiSelect
          label={`API of ${name}`}
          placeholder="Choose an API"
          value={api?.id ?? null}
          onChange={(chosen) => {
            lane.forget();
            onApi(chosen?.id ?? null);
          }}
        />
        {keys.length > 0 && (
          <NativeSelect
            label="Key"
            value={key?.id ?? PASTED}
            onChange={(event) => lane.chooseKey(event.currentTarget.value)}
            data={[
              ...keys.map((each) => ({ value: each.id, label: `${each.name} (${each.display})` })),
              { value: PASTED, label: "Another key, pasted" },
            ]}
          />
        )}
        {key === null && api !== null && (
          <PasswordInput
            label={keys.length > 0 ? "Pasted key" : "Key"}
            description="Its secret was shown once; paste it here. It is not kept."
            value={secrets.pasted}
            onChange={(event) => secrets.setPasted(event.currentTarget.value)}
            autoComplete="off"
            visibilityToggleButtonProps={{ "aria-label": "Show or hide the key" }}
          />
        )}
        <LaneAnswer outcome={lane.outcome} />
      </div>
    </Panel>
  );
}
