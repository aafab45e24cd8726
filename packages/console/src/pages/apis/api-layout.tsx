/** What the pages of one API share: the head with its title, actions and tabs, and the way to reload it. */
import type { ReactNode } from "react";
import { Outlet, useLocation, useParams } from "react-router";
import { useQuery } from "urql";
import { NotFoundPage } from "../../app/not-found-page.js";
import { ApiHeadDocument } from "../../gen/api-head.js";
import { ReceiptStatus } from "../../receipts/receipt-status.js";
import { keyReceiptsOf } from "../../receipts/receipt-subjects.js";
import { RejectionNotice } from "../../rejections/rejection-notice.js";
import { Failure } from "../../ui/failure.js";
import { Page } from "../../ui/page.js";
import { PageSkeleton } from "../../ui/skeletons.js";
import { type TabLink, Tabs } from "../../ui/tabs.js";
import { Tag } from "../../ui/tag.js";
import { RecordingTag } from "../requests/recording-tag.js";
import { ApiBar } from "./api-bar.js";
import type { ApiHead } from "./api-head.js";
import { ApiSwitcher } from "./api-switcher.js";

export function ApiLayout() {
  const { apiId = "" } = useParams();
  const [{ data, error, fetching }, refetch] = useQuery({
    query: ApiHeadDocument,
    variables: { id: apiId },
    requestPolicy: "cache-and-network",
  });
  if (data === undefined || (fetching && data.api === null)) {
    if (error === undefined) return <PageSkeleton />;
    return (
      <Page title="API" parent={{ to: "/apis", label: "APIs" }}>
        <Failure error={error} retry={() => refetch({ requestPolicy: "network-only" })} />
      </Page>
    );
  }
  const { api } = data;
  if (api === null) return <NotFoundPage what="API" />;
  return (
    <ApiFrame api={api}>
      <Outlet context={api} key={api.id} />
    </ApiFrame>
  );
}

function ApiFrame({ api, children }: { readonly api: ApiHead; readonly children: ReactNode }) {
  const base = `/apis/${api.id}`;
  const [tab = ""] = useLocation()
    .pathname.slice(base.length + 1)
    .split("/");
  const links: readonly TabLink[] = [
    { to: base, label: "Information", end: true },
    { to: `${base}/schemas`, label: "Schemas" },
    { to: `${base}/keys`, label: "Keys", count: api.keys.totalCount },
    { to: `${base}/traffic`, label: "Traffic" },
    { to: `${base}/requests`, label: "Requests" },
    { to: `${base}/activity`, label: "Activity" },
  ];
  return (
    <Page
      title={api.title}
      tab={links.find(({ to }) => to === (tab === "" ? base : `${base}/${tab}`))?.label ?? "Information"}
      parent={{ to: "/apis", label: "APIs" }}
      switcher={<ApiSwitcher apiId={api.id} />}
      badges={
        <>
          <Tag tone="accent">{api.versionLabel}</Tag>
          <span className="lk-muted">{api.subscription.name}</span>
          <RecordingTag recording={api.recording} />
          <ReceiptStatus subject={keyReceiptsOf(api.id)} />
        </>
      }
      actions={<ApiBar api={api} />}
      tabs={<Tabs label="Views of this API" links={links} />}
    >
      <RejectionNotice id={api.id} noun="API" />
      {children}
    </Page>
  );
}
