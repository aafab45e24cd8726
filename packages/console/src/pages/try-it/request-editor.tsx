/** The form of one request beside its result. What was typed for a route is kept while another one is not chosen. */
import { type FormEvent, useMemo, useState } from "react";
import { useQuery } from "urql";
import { type TryItApiQuery, TryItRouteDocument, type TryItRouteQuery } from "../../gen/try-it.js";
import { type FilledForm, MASKED } from "../requests/recorded-request.js";
import { DeleteQuestion } from "./delete-question.js";
import { RequestFields } from "./request-fields.js";
import { initialForm, missingFields, type RequestForm, toRequest } from "./request-form.js";
import { type ModelSource, requestModel } from "./request-model.js";
import { curlLine, ingressBase, KEY_PLACEHOLDER } from "./request-parts.js";
import { type ResultPart, Results } from "./results.js";
import { type Target, targetText } from "./target.js";
import { type Sent, useTryHistory } from "./try-history.js";
import classes from "./try-it.module.css";
import { useCompare } from "./use-compare.js";
import { type TryItApi, useKeyChoice } from "./use-key-choice.js";
import { useSender } from "./use-sender.js";

export interface RequestEditorProps {
  readonly api: TryItApi;
  readonly server: TryItApiQuery["server"];
  readonly target: Target<TryItApi["routes"][number]>;
  /** What the form starts with instead; null: an empty one. */
  readonly filled: FilledForm | null;
  readonly onTarget: (target: string) => void;
}

export function RequestEditor({ api, server, target, filled, onTarget }: RequestEditorProps) {
  const { route, method } = target;
  const model = useRequestModel(route);
  /** Null: nothing was typed for this route yet. */
  const [typed, setTyped] = useState<{ readonly routeId: string; readonly form: RequestForm } | null>(
    filled && { routeId: route.id, form: filled.form },
  );
  const form = typed?.routeId === route.id ? typed.form : initialForm(model);
  const choice = useKeyChoice(api);
  const compare = useCompare(api, route, choice.key);
  const sender = useSender(server.keyHeader);
  const [history, remember] = useTryHistory(api.id);
  const [sent, setSent] = useState<readonly Sent[]>([]);
  const [part, setPart] = useState<ResultPart>("response");
  const [isConfirming, setConfirming] = useState(false);
  /** Send was pressed with parameters missing. */
  const [isAsked, setAsked] = useState(false);

  const request = toRequest(method, route.path, model, form);
  const missing = missingFields(model, form);
  const curlWith = (secret: string): string =>
    curlLine({
      method,
      url: `${ingressBase(server.ingressUrl)}${request.path}`,
      headers: [[server.keyHeader, secret], ...request.headers],
      body: request.body,
    });

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (sender.isSending) return;
    setAsked(true);
    if (missing.length > 0) return;
    if (method === "DELETE") setConfirming(true);
    else void send();
  }

  async function send(): Promise<void> {
    setConfirming(false);
    const results = await sender.send(request, compare.isOn ? [choice, compare.choice] : [choice]);
    if (results === null) return;
    setSent(results);
    setPart("response");
    remember({
      routeId: route.id,
      target: targetText(method, route.path),
      method,
      path: request.path,
      form,
      sent: results,
    });
  }

  return (
    <div className={classes.columns}>
      <RequestFields
        routes={api.routes}
        target={target}
        note={filled && <FilledNote masked={filled.masked} />}
        model={model}
        form={form}
        missing={isAsked ? missing : []}
        choice={choice}
        compare={compare}
        sender={sender}
        onTarget={onTarget}
        onChange={(change) => setTyped({ routeId: route.id, form: { ...form, ...change } })}
        onSubmit={submit}
      />
      <DeleteQuestion
        opened={isConfirming}
        path={request.path}
        isTwice={compare.isOn}
        onConfirm={() => void send()}
        onClose={() => setConfirming(false)}
      />
      <Results
        part={part}
        onPart={setPart}
        sent={sent}
        curl={curlWith(choice.key?.display ?? KEY_PLACEHOLDER)}
        curlToCopy={async () => curlWith((await choice.secretIfAny()) ?? KEY_PLACEHOLDER)}
        history={history}
        onOpen={(entry) => {
          setTyped({ routeId: entry.routeId, form: entry.form });
          onTarget(entry.target);
          setSent(entry.sent);
          setPart("response");
        }}
      />
    </div>
  );
}

function FilledNote({ masked }: Pick<FilledForm, "masked">) {
  return (
    <p className="lk-muted">
      Filled in from the recorded request. Replace what is shown as {MASKED}: it was masked.
      {masked.length > 0 && <> Not filled in: {masked.join(", ")}.</>}
    </p>
  );
}

const nothingKnown = {
  operation: null,
  schemas: null,
  integration: { requestSchema: null, requestContentTypes: [], examples: [] },
} satisfies Omit<ModelSource, "path">;

/** Fields by the path alone until the operation is read. */
function useRequestModel(route: TryItApi["routes"][number]) {
  const [{ data }] = useQuery({ query: TryItRouteDocument, variables: { id: route.id } });
  return useMemo(() => {
    const node = data?.node ?? null;
    if (!isRoute(node) || node.id !== route.id) return requestModel({ path: route.path, ...nothingKnown });
    const { operation, api, integration } = node;
    return requestModel({ path: route.path, operation, schemas: api.schemas, integration });
  }, [route.id, route.path, data]);
}

type RouteNode = Extract<TryItRouteQuery["node"], { readonly operation: unknown }>;

function isRoute(node: TryItRouteQuery["node"]): node is RouteNode {
  return node !== null && "operation" in node;
}
