/** Imports an OpenAPI document: as a new API, or into one that is there. Everything is shown before it is done. */
import { useEffect, useMemo, useState } from "react";
import { useParams, useSearchParams } from "react-router";
import { useQuery } from "urql";
import { NotFoundPage } from "../../app/not-found-page.js";
import { ImportTargetDocument } from "../../gen/import.js";
import { SubscriptionOptionsDocument } from "../../gen/subscription-options.js";
import { notRefreshed } from "../../graphql/refresh-exchange.js";
import { Failure } from "../../ui/failure.js";
import { Page } from "../../ui/page.js";
import { PageSkeleton } from "../../ui/skeletons.js";
import { ImportForm } from "./import-form.js";

const APIS = { to: "/apis", label: "APIs" } as const;
const ONE_OR_MORE = { first: 2, filter: null };

export function NewApiImportPage() {
  const [params] = useSearchParams();
  const [{ data, error }] = useQuery({ query: SubscriptionOptionsDocument, variables: ONE_OR_MORE });
  if (data === undefined && error === undefined) return <PageSkeleton />;
  const subscriptions = data?.subscriptions.nodes ?? [];
  const only = subscriptions.length === 1 ? subscriptions[0]?.id : undefined;
  return (
    <Page
      title="Import OpenAPI"
      parent={APIS}
      description="Creates an API from an OpenAPI document. You see every route before anything is created."
    >
      <ImportForm
        target={null}
        subscriptionId={params.get("subscription") ?? only ?? null}
        reload={() => {}}
      />
    </Page>
  );
}

export function ApiImportPage() {
  const { apiId = "" } = useParams();
  const [{ data, error }, execute] = useQuery({
    query: ImportTargetDocument,
    variables: { id: apiId },
    requestPolicy: "network-only",
    // What is shown changes by a question only; see the conflict.
    context: notRefreshed,
  });
  const read = data?.api ?? null;
  // The API that the page was opened for stays, whatever becomes of later reads.
  const [first, setFirst] = useState(read);
  useEffect(() => {
    if (read !== null) setFirst(read);
  }, [read]);
  const target = read ?? first;
  const reload = useMemo(() => () => execute({ requestPolicy: "network-only" }), [execute]);
  if (target === null) {
    if (data?.api === null) return <NotFoundPage what="API" />;
    if (error === undefined) return <PageSkeleton />;
    return (
      <Page title="Import OpenAPI" parent={APIS}>
        <Failure error={error} retry={reload} />
      </Page>
    );
  }
  return (
    <Page
      title="Import OpenAPI"
      parent={{ to: `/apis/${target.id}`, label: target.title }}
      description="Adds and changes routes of this API. You see every route before anything is changed."
    >
      <ImportForm key={target.id} target={target} subscriptionId={null} reload={reload} />
    </Page>
  );
}
