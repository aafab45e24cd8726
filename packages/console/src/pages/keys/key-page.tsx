/** One key: its state, where it was last used, what its requests came to, its limits with their use, and its rotation. */
import { Button } from "@mantine/core";
import { useState } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { NotFoundPage } from "../../app/not-found-page.js";
import { ReceiptStatus } from "../../receipts/receipt-status.js";
import { useSaved } from "../../receipts/receipt-store.js";
import { RejectionNotice } from "../../rejections/rejection-notice.js";
import { useNow } from "../../ui/clock.js";
import { Failure } from "../../ui/failure.js";
import { Icon } from "../../ui/icon.js";
import { Panel } from "../../ui/page.js";
import { RowsSkeleton } from "../../ui/skeletons.js";
import { useApiHead } from "../apis/api-head.js";
import { OutcomesChart } from "../traffic/outcomes-chart.js";
import { countedSinceMs } from "../traffic/traffic-gaps.js";
import { KeyDialogs, type OpenedKeyDialog } from "./key-dialogs.js";
import { KeyFacts } from "./key-facts.js";
import { acceptedOf, countedLate, quotaWindow, rateWindow } from "./key-limit-use.js";
import { KeyLimits } from "./key-limits.js";
import { KeyMenu } from "./key-menu.js";
import classes from "./key-page.module.css";
import { oldSecretUse } from "./old-secret-use.js";
import { RotationPanel } from "./rotation-panel.js";
import { useKeyActions } from "./use-key-actions.js";
import { type KeyPageData, useKeyPage } from "./use-key-page.js";
import { WebhookBuilder } from "./webhook-builder.js";

const closed: OpenedKeyDialog = { kind: "none" };

export function KeyPage() {
  const { keyId = "" } = useParams();
  const { data, error, refetch } = useKeyPage(keyId);
  if (data === undefined)
    return error === undefined ? <RowsSkeleton rows={5} /> : <Failure error={error} retry={refetch} />;
  if (data.apiKey === null) return <NotFoundPage what="key" />;
  return <KeyContent key={keyId} data={data} apiKey={data.apiKey} />;
}

interface KeyContentProps {
  readonly data: KeyPageData;
  readonly apiKey: NonNullable<KeyPageData["apiKey"]>;
}

function KeyContent({ data, apiKey: read }: KeyContentProps) {
  const apiKey = useSaved(read);
  const api = useApiHead();
  const navigate = useNavigate();
  const actions = useKeyActions(api.id);
  const now = useNow();
  const [opened, setOpened] = useState<OpenedKeyDialog>(closed);
  const rate = rateWindow(apiKey.rateLimit, now);
  const quota = quotaWindow(apiKey.quota, now);
  const rateUse = data.rateUse ?? data.live;
  const list = `/apis/${api.id}/keys`;
  return (
    <>
      <div className={classes.head}>
        <Link to={list} className={classes.back}>
          <Icon name="arrow-left" /> All keys
        </Link>
        <div className={classes.titleRow}>
          <h2 className={classes.title}>
            <bdi>{apiKey.name}</bdi>
          </h2>
          <ReceiptStatus subject={apiKey.id} />
          <span className={classes.actions}>
            <Button
              component={Link}
              to={`/apis/${api.id}/requests?key=${apiKey.id}`}
              size="xs"
              variant="default"
              leftSection={<Icon name="list-search" size={14} />}
            >
              Requests
            </Button>
            <Button
              size="xs"
              variant="default"
              leftSection={<Icon name="pencil" size={14} />}
              onClick={() => setOpened({ kind: "edit", key: apiKey })}
            >
              Edit
            </Button>
            <KeyMenu
              apiKey={apiKey}
              actions={actions}
              onChoose={(kind) => setOpened({ kind, key: apiKey })}
              isFramed
            />
          </span>
        </div>
      </div>
      <RejectionNotice id={apiKey.id} noun="key" />
      <KeyFacts apiKey={apiKey} />
      <Panel>
        <OutcomesChart outcomes={data.traffic} />
      </Panel>
      <div className={classes.pair}>
        <KeyLimits
          rate={{
            limit: apiKey.rateLimit,
            lateMs: countedLate(rate, countedSinceMs(rateUse.since)),
            accepted: acceptedOf(rateUse.total),
          }}
          quota={{
            limit: apiKey.quota,
            lateMs: countedLate(quota, countedSinceMs(data.quotaUse.since)),
            accepted: acceptedOf(data.quotaUse.total),
          }}
        />
        <RotationPanel
          apiKey={apiKey}
          oldSecret={oldSecretUse(apiKey, data.live.since, data.traffic.points)}
          onRegenerate={() => setOpened({ kind: "regenerate", key: apiKey })}
        />
      </div>
      {apiKey.mode === "WEBHOOK" && (
        <Panel
          title="Webhook URL"
          description="For senders that cannot set headers: key and flag are in the query, and the ingress removes both."
        >
          <WebhookBuilder apiId={api.id} apiKey={apiKey} isRecoverable={apiKey.recoverable} />
        </Panel>
      )}
      <KeyDialogs
        opened={opened}
        actions={actions}
        onClose={() => setOpened(closed)}
        onDeleted={() => void navigate(list)}
      />
    </>
  );
}
