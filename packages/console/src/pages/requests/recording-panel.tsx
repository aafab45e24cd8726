/** The switch that records headers and bodies of an API's requests: who switched it on, until when, and what is masked. */
import { Switch } from "@mantine/core";
import { useState } from "react";
import { ReceiptStatus } from "../../receipts/receipt-status.js";
import { recordingReceiptsOf } from "../../receipts/receipt-subjects.js";
import { useNow } from "../../ui/clock.js";
import { Panel } from "../../ui/page.js";
import { exactTime, TimeAgo } from "../../ui/time-ago.js";
import { toast } from "../../ui/toasts.js";
import type { ApiHead } from "../apis/api-head.js";
import { RecordingDialog } from "./recording-dialog.js";
import { isRecording } from "./recording-state.js";
import classes from "./requests.module.css";
import { useSetRecording } from "./use-set-recording.js";

export function RecordingPanel({ api }: { readonly api: ApiHead }) {
  const [isAsking, setAsking] = useState(false);
  const { isBusy, set } = useSetRecording(api.id);
  const isOn = isRecording(api.recording, useNow());

  async function stop(): Promise<void> {
    const problem = await set(null);
    if (problem !== null) toast(problem, "bad", api.id);
  }

  return (
    <Panel>
      <div className={classes.recording} data-on={isOn || undefined}>
        <Switch
          label="Record messages"
          checked={isOn}
          disabled={isBusy}
          onChange={() => (isOn ? void stop() : setAsking(true))}
        />
        <ReceiptStatus subject={recordingReceiptsOf(api.id)} />
        <RecordingText api={api} isOn={isOn} />
      </div>
      <RecordingDialog api={api} opened={isAsking} onClose={() => setAsking(false)} />
    </Panel>
  );
}

function RecordingText({ api: { recording }, isOn }: { readonly api: ApiHead; readonly isOn: boolean }) {
  if (recording === null || !isOn)
    return (
      <p className={classes.recordingText}>
        Off: requests are kept without headers, bodies and queries. On, they are recorded for at most 24
        hours, with secrets masked.
      </p>
    );
  const { until, startedBy, mask } = recording;
  return (
    <p className={classes.recordingText}>
      Headers and up to 16 KiB of each body are recorded until {exactTime(until)} (<TimeAgo at={until} />)
      {startedBy !== null && (
        <>
          , switched on by <bdi>{startedBy}</bdi>
        </>
      )}
      . Secrets are masked
      {mask.map((path, index) => (
        <span key={path}>
          {index === 0 ? ", and in bodies " : ", "}
          <code>{path}</code>
        </span>
      ))}
      .
    </p>
  );
}
