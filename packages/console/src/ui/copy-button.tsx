/** Copies a text and says so, to the eye and to the reader. Falls back to a selection where there is no clipboard. */
import { Button, type ButtonProps } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { Icon } from "./icon.js";
import { toast } from "./toasts.js";

const SHOWN_MS = 1_600;

export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

/** For pages on plain http from another host, where browsers give no clipboard. */
function copyBySelection(text: string): boolean {
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "lk-visually-hidden";
  document.body.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  return copied;
}

export interface CopyButtonProps extends Pick<ButtonProps, "size" | "variant"> {
  readonly text: string | (() => Promise<string | null>);
  readonly label: string;
  /** Read out and shown for a moment. */
  readonly done?: string;
}

export function CopyButton({
  text,
  label,
  done = "Copied",
  size = "xs",
  variant = "default",
}: CopyButtonProps) {
  const [copied, setCopied] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);

  async function copy(): Promise<void> {
    const value = typeof text === "string" ? text : await text();
    if (value === null) return;
    if (!(await copyText(value))) {
      toast("The browser did not allow copying; select the text and copy it by hand.", "bad");
      return;
    }
    setCopied(true);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setCopied(false), SHOWN_MS);
  }

  return (
    <Button
      size={size}
      variant={variant}
      leftSection={<Icon name={copied ? "check" : "copy"} size={14} />}
      onClick={() => void copy()}
    >
      <span aria-live="polite">{copied ? done : label}</span>
    </Button>
  );
}
