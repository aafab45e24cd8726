/** Sends a request to this API through the ingress and shows what came back. Keeps neither key nor body. */
import { ActionIcon, Button, NativeSelect, PasswordInput, Textarea, TextInput } from "@mantine/core";
import { type FormEvent, useMemo, useState } from "react";
import { Link } from "react-router";
import { useQuery } from "urql";
import { ApiRoutesDocument } from "../../gen/api-routes.js";
import { CodeBlock } from "../../ui/code-block.js";
import { CopyButton } from "../../ui/copy-button.js";
import { EmptyState } from "../../ui/empty-state.js";
import { Failure } from "../../ui/failure.js";
import { Icon } from "../../ui/icon.js";
import { methods } from "../../ui/method-badge.js";
import { Panel } from "../../ui/page.js";
import { RowsSkeleton } from "../../ui/skeletons.js";
import { useApiHead } from "../apis/api-head.js";
import { AnswerView } from "./answer-view.js";
import { DeleteQuestion } from "./delete-question.js";
import { curlLine, fillPath, hasBody, parametersOf, withQuery } from "./request-parts.js";
import { type Outcome, sendRequest } from "./send-request.js";
import classes from "./try-it.module.css";
import { useKeySecret } from "./use-key-secret.js";

interface HeaderRow {
  readonly id: number;
  readonly name: string;
  readonly value: string;
}

const PASTE = "paste";
const MASKED = "YOUR_API_KEY";
let nextHeaderId = 1;

export function TryItPage() {
  const api = useApiHead();
  const secrets = useKeySecret();
  const [{ data, error }, refetch] = useQuery({
    query: ApiRoutesDocument,
    variables: { id: api.id },
    requestPolicy: "cache-and-network",
  });
  const revealable = api.recoverable ? api.keys.nodes : [];
  const [keyChoice, setKeyChoice] = useState(revealable[0]?.id ?? PASTE);
  const [routeId, setRouteId] = useState("");
  const [anyMethod, setAnyMethod] = useState("GET");
  const [parameters, setParameters] = useState<Readonly<Record<string, string>>>({});
  const [query, setQuery] = useState("");
  const [headers, setHeaders] = useState<readonly HeaderRow[]>([]);
  const [contentType, setContentType] = useState("application/json");
  const [body, setBody] = useState("");
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  /** Cancels the request that is under way; null: none is. */
  const [sending, setSending] = useState<AbortController | null>(null);
  const [isConfirming, setConfirming] = useState(false);
  /** Send was pressed with parameters missing. */
  const [isAsked, setAsked] = useState(false);
  const [keyProblem, setKeyProblem] = useState<string | null>(null);

  const routes = data?.api?.routes ?? [];
  const route = routes.find((each) => each.id === routeId) ?? routes[0];
  const key = revealable.find((each) => each.id === keyChoice) ?? null;
  const server = data?.server;
  const method = route === undefined ? "GET" : route.method === "ANY" ? anyMethod : route.method;

  const request = useMemo(() => {
    if (route === undefined || server === undefined) return null;
    const sentBody = hasBody(method) && body !== "" ? body : null;
    return {
      path: withQuery(fillPath(route.path, parameters), query),
      body: sentBody,
      headersWith: (secret: string): readonly (readonly [string, string])[] => [
        [server.keyHeader, secret],
        ...(sentBody === null ? [] : ([["Content-Type", contentType]] as const)),
        ...headers
          .filter((row) => row.name.trim() !== "")
          .map((row) => [row.name.trim(), row.value] as const),
      ],
    };
  }, [route, server, method, body, parameters, query, contentType, headers]);

  if (data === undefined) {
    if (error === undefined) return <RowsSkeleton rows={5} />;
    return <Failure error={error} retry={() => refetch({ requestPolicy: "network-only" })} />;
  }
  if (route === undefined || server === undefined || request === null)
    return (
      <Panel padded={false}>
        <EmptyState
          icon="play"
          title="Nothing to try yet"
          action={
            <Button component={Link} to={`/apis/${api.id}`}>
              Add a route
            </Button>
          }
        >
          This API has no routes. Add one, then send a request to it from here.
        </EmptyState>
      </Panel>
    );

  const missing = parametersOf(route.path).filter((name) => (parameters[name] ?? "") === "");
  const curlWith = (secret: string): string =>
    curlLine({
      method,
      url: `${(server.ingressUrl ?? "http://your-ingress").replace(/(?<!\/)\/+$/, "")}${request.path}`,
      headers: request.headersWith(secret),
      body: request.body,
    });

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (sending !== null) return;
    if (method === "DELETE" && missing.length === 0) setConfirming(true);
    else void send();
  }

  async function send(): Promise<void> {
    setConfirming(false);
    if (request === null) return;
    if (missing.length > 0) {
      setAsked(true);
      return;
    }
    const secret = await secrets.secretOf(key);
    if (secret === null) {
      if (key === null) setKeyProblem("Paste a key of this API first.");
      return;
    }
    const canceler = new AbortController();
    setSending(canceler);
    const result = await sendRequest(
      {
        apiId: api.id,
        method,
        path: request.path,
        headers: request.headersWith(secret),
        body: request.body,
      },
      canceler.signal,
    );
    setSending(null);
    setOutcome(result);
  }

  return (
    <div className={classes.columns}>
      <Panel title="Request">
        <form
          className={classes.form}
          onSubmit={submit}
          onKeyDown={(event) => {
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey))
              event.currentTarget.requestSubmit();
          }}
          noValidate
        >
          <NativeSelect
            label="Route"
            value={route.id}
            onChange={(event) => {
              setRouteId(event.currentTarget.value);
              setParameters({});
            }}
            data={routes.map((each) => ({ value: each.id, label: `${each.method} ${each.path}` }))}
          />
          {route.method === "ANY" && (
            <NativeSelect
              label="Method"
              value={anyMethod}
              onChange={(event) => setAnyMethod(event.currentTarget.value)}
              data={methods.filter((each) => each !== "ANY")}
            />
          )}
          {parametersOf(route.path).map((name) => (
            <TextInput
              key={name}
              label={`Path parameter ${name}`}
              value={parameters[name] ?? ""}
              error={isAsked && missing.includes(name) ? "A path parameter cannot be empty." : null}
              placeholder={name.endsWith("*") ? "a/b/c" : "42"}
              onChange={(event) => {
                const { value } = event.currentTarget;
                setParameters((current) => ({ ...current, [name]: value }));
              }}
              autoComplete="off"
              spellCheck={false}
            />
          ))}
          <TextInput
            label="Query"
            placeholder="status=open&limit=10"
            value={query}
            onChange={(event) => setQuery(event.currentTarget.value)}
            autoComplete="off"
            spellCheck={false}
          />
          {revealable.length > 0 && (
            <NativeSelect
              label="API key"
              value={keyChoice}
              onChange={(event) => setKeyChoice(event.currentTarget.value)}
              data={[
                ...revealable.map((each) => ({ value: each.id, label: `${each.name} (${each.display})` })),
                { value: PASTE, label: "Another key, pasted" },
              ]}
            />
          )}
          {key === null && (
            <PasswordInput
              label={revealable.length > 0 ? "Pasted key" : "API key"}
              description="Used for this request only; not kept."
              value={secrets.pasted}
              error={keyProblem}
              onChange={(event) => {
                secrets.setPasted(event.currentTarget.value);
                setKeyProblem(null);
              }}
              autoComplete="off"
              visibilityToggleButtonProps={{ "aria-label": "Show or hide the key" }}
            />
          )}
          <HeaderRows rows={headers} onChange={setHeaders} />
          {hasBody(method) && (
            <>
              <TextInput
                label="Content type"
                value={contentType}
                onChange={(event) => setContentType(event.currentTarget.value)}
                autoComplete="off"
                spellCheck={false}
              />
              <Textarea
                label="Body"
                classNames={{ input: classes.mono ?? "" }}
                autosize
                minRows={5}
                maxRows={18}
                value={body}
                placeholder='{ "sku": "A-1", "count": 3 }'
                onChange={(event) => setBody(event.currentTarget.value)}
                spellCheck={false}
              />
            </>
          )}
          <div className={classes.send}>
            <span className="lk-muted">
              <kbd>Ctrl</kbd> + <kbd>Enter</kbd>
            </span>
            {sending !== null && (
              <Button variant="default" onClick={() => sending.abort()}>
                Cancel
              </Button>
            )}
            <Button type="submit" loading={sending !== null} leftSection={<Icon name="send" />}>
              Send
            </Button>
          </div>
        </form>
        <DeleteQuestion
          opened={isConfirming}
          path={request.path}
          onConfirm={() => void send()}
          onClose={() => setConfirming(false)}
        />
      </Panel>
      <div className={classes.results}>
        <Panel title="Response">
          <div aria-live="polite">
            {outcome === null && <p className="lk-muted">Send a request to see the response.</p>}
            {outcome?.kind === "failed" && <p className="lk-problem">{outcome.message}</p>}
            {outcome?.kind === "answered" && <AnswerView answer={outcome.answer} />}
          </div>
        </Panel>
        <Panel
          title="The same with curl"
          actions={
            <CopyButton
              label="Copy line"
              text={async () => curlWith((await secrets.secretOf(key)) ?? MASKED)}
            />
          }
        >
          <CodeBlock label="curl line" text={curlWith(key === null ? MASKED : key.display)} isWrapped />
        </Panel>
      </div>
    </div>
  );
}

function HeaderRows({
  rows,
  onChange,
}: {
  readonly rows: readonly HeaderRow[];
  readonly onChange: (rows: readonly HeaderRow[]) => void;
}) {
  const set = (id: number, change: Partial<HeaderRow>): void =>
    onChange(rows.map((row) => (row.id === id ? { ...row, ...change } : row)));
  return (
    <fieldset className={classes.headers}>
      <legend>Headers</legend>
      {rows.map((row, index) => (
        <div key={row.id} className={classes.headerRow}>
          <TextInput
            aria-label={`Name of header ${index + 1}`}
            placeholder="cx-trace"
            value={row.name}
            onChange={(event) => set(row.id, { name: event.currentTarget.value })}
            autoComplete="off"
            spellCheck={false}
          />
          <TextInput
            aria-label={`Value of header ${index + 1}`}
            value={row.value}
            onChange={(event) => set(row.id, { value: event.currentTarget.value })}
            autoComplete="off"
            spellCheck={false}
          />
          <ActionIcon
            variant="subtle"
            color="red"
            aria-label={`Remove header ${index + 1}`}
            onClick={() => onChange(rows.filter((each) => each.id !== row.id))}
          >
            <Icon name="trash" />
          </ActionIcon>
        </div>
      ))}
      <Button
        variant="default"
        size="xs"
        leftSection={<Icon name="plus" size={14} />}
        onClick={() => onChange([...rows, { id: nextHeaderId++, name: "", value: "" }])}
      >
        Add header
      </Button>
    </fieldset>
  );
}
