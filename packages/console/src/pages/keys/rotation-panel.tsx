/** Rotating a key's secret in three steps: a new secret with an overlap, the clients change, the old secret ends. */
import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { useNow } from "../../ui/clock.js";
import { Icon } from "../../ui/icon.js";
import { Panel } from "../../ui/page.js";
import { exactTime, TimeAgo } from "../../ui/time-ago.js";
import classes from "./key-page.module.css";
import type { OldSecretUse } from "./old-secret-use.js";
import type { KeyPageData } from "./use-key-page.js";

type Key = NonNullable<KeyPageData["apiKey"]>;

export interface RotationPanelProps {
  readonly apiKey: Key;
  readonly oldSecret: OldSecretUse;
  readonly onRegenerate: () => void;
}

export function RotationPanel({ apiKey, oldSecret, onRegenerate }: RotationPanelProps) {
  const now = useNow();
  const { overlapUntil, display } = apiKey;
  const isRotating = overlapUntil !== null && Date.parse(overlapUntil) > now;
  return (
    <Panel
      title="Rotation"
      actions={
        <Button
          size="xs"
          variant={isRotating ? "default" : "filled"}
          leftSection={<Icon name="refresh" size={14} />}
          onClick={onRegenerate}
        >
          Regenerate key
        </Button>
      }
    >
      {!isRotating && (
        <p className={classes.text}>
          The secret <code>{display}</code> is the only one. Regenerating creates a new one and keeps this one
          valid for the overlap that you choose, so that no request fails while clients switch.
        </p>
      )}
      {isRotating && (
        <ol className={classes.rotation} aria-label="Steps of the rotation">
          <Step isDone title="New secret created">
            <code>{display}</code> is valid now.
          </Step>
          <Step isDone={false} title="Clients change to it">
            <OldSecretText use={oldSecret} now={now} />
          </Step>
          <Step isDone={false} title="The old secret ends">
            Requests with it fail from {exactTime(overlapUntil)} on (<TimeAgo at={overlapUntil} />
            ).
          </Step>
        </ol>
      )}
    </Panel>
  );
}

/** A use within so long may come again. */
const RECENT_MS = 3_600_000;

function OldSecretText({ use, now }: { readonly use: OldSecretUse; readonly now: number }) {
  const { lastMs, noneSinceMs } = use;
  if (lastMs === null)
    return (
      <span data-tone="ok" className={classes.oldSecret}>
        No request with the old secret since {exactTime(noneSinceMs)}.
      </span>
    );
  const isRecent = now - lastMs < RECENT_MS;
  return (
    <span data-tone={isRecent ? "warn" : "ok"} className={classes.oldSecret}>
      The old secret was last used <TimeAgo at={new Date(lastMs).toISOString()} />
      {isRecent ? ": a client still has it." : "."}
    </span>
  );
}

interface StepProps {
  readonly isDone: boolean;
  readonly title: string;
  readonly children: ReactNode;
}

function Step({ isDone, title, children }: StepProps) {
  return (
    <li className={classes.rotationStep}>
      <span className={classes.rotationMark} data-done={isDone || undefined} aria-hidden="true">
        {isDone && <Icon name="check" size={14} />}
      </span>
      <div>
        <strong>{title}</strong>
        <div className={classes.text}>{children}</div>
      </div>
    </li>
  );
}
