/** Short messages at the edge of the page, read out politely. Keeps at most four; none holds a secret. */
import { useSyncExternalStore } from "react";
import { Icon } from "./icon.js";
import classes from "./toasts.module.css";

export interface Toast {
  readonly id: number;
  readonly tone: "ok" | "bad" | "info";
  readonly text: string;
}

const SHOWN_MAX = 4;
const OK_MS = 5_000;
/** A failure stays until somebody closes it, or this long. */
const BAD_MS = 15_000;

let toasts: readonly Toast[] = [];
let nextId = 1;
const listeners = new Set<() => void>();

function publish(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

export function dismiss(id: number): void {
  publish(toasts.filter((toast) => toast.id !== id));
}

export function toast(text: string, tone: Toast["tone"] = "ok"): void {
  const id = nextId++;
  publish([...toasts, { id, tone, text }].slice(-SHOWN_MAX));
  setTimeout(() => dismiss(id), tone === "bad" ? BAD_MS : OK_MS);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function Toasts() {
  const shown = useSyncExternalStore(subscribe, () => toasts);
  return (
    <section className={classes.region} aria-live="polite" aria-label="Messages">
      {shown.map((entry) => (
        <div key={entry.id} className={classes.toast} data-tone={entry.tone}>
          <Icon name={entry.tone === "ok" ? "check" : entry.tone === "bad" ? "warning" : "info"} size={18} />
          <span className={classes.text}>{entry.text}</span>
          <button
            type="button"
            className={classes.close}
            onClick={() => dismiss(entry.id)}
            aria-label="Close message"
          >
            <Icon name="cross" size={14} />
          </button>
        </div>
      ))}
    </section>
  );
}
