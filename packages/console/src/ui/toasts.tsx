/**
 * Short messages at the edge of the page. Those of one topic replace each other, so that no failure stays beside the
 * success that followed. None holds a secret.
 */
import { Notifications, notifications, notificationsStore } from "@mantine/notifications";
import type { ReactNode } from "react";
import { Icon } from "./icon.js";
import classes from "./toasts.module.css";

export type ToastTone = "ok" | "bad" | "info";

const SHOWN_MAX = 4;
const OK_MS = 6_000;
/** A failure stays until it is closed, until its topic succeeds, or this long. */
const BAD_MS = 15_000;

const looks = {
  ok: { color: "teal", icon: <Icon name="check" /> },
  bad: { color: "red", icon: <Icon name="alert-triangle" /> },
  info: { color: "indigo", icon: <Icon name="info-circle" /> },
} as const;

/** `topic`: what the message is about, e.g. the id of a key. */
export function toast(message: ReactNode, tone: ToastTone = "ok", topic?: string): void {
  const shown = {
    message,
    ...looks[tone],
    role: tone === "bad" ? "alert" : "status",
    autoClose: tone === "bad" ? BAD_MS : OK_MS,
    closeButtonProps: { "aria-label": "Close message" },
  };
  if (topic === undefined) notifications.show(shown);
  else if (isShown(topic)) notifications.update({ id: topic, ...shown });
  else notifications.show({ id: topic, ...shown });
}

/** Removes the message of a topic. */
export function clearToast(topic: string): void {
  notifications.hide(topic);
}

function isShown(topic: string): boolean {
  const { notifications: shown, queue } = notificationsStore.getState();
  return [...shown, ...queue].some(({ id }) => id === topic);
}

export function Toasts() {
  return (
    <section aria-label="Messages">
      <Notifications
        classNames={{ root: classes.root ?? "", notification: classes.toast ?? "" }}
        position="bottom-right"
        limit={SHOWN_MAX}
        containerWidth={400}
        withinPortal={false}
      />
    </section>
  );
}
