/** A modal dialog: focus stays inside, Escape closes, the focus goes back to where it came from. */
import { Modal } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./dialog.module.css";
import { useFocusReturn } from "./focus-return.js";

export interface DialogProps {
  readonly title: string;
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly size?: "sm" | "md" | "lg" | "xl" | number;
  /** Escape and a click outside do nothing: for what needs a decision. */
  readonly isFirm?: boolean;
}

export function Dialog({ title, opened, onClose, children, size = "md", isFirm = false }: DialogProps) {
  const returnFocus = useFocusReturn(opened);
  return (
    <Modal
      returnFocus={false}
      onExitTransitionEnd={returnFocus}
      opened={opened}
      onClose={onClose}
      title={title}
      size={size}
      centered
      closeOnClickOutside={!isFirm}
      closeOnEscape={!isFirm}
      withCloseButton={!isFirm}
      closeButtonProps={{ "aria-label": "Close" }}
      classNames={{ title: classes.title ?? "", content: classes.content ?? "" }}
    >
      {children}
    </Modal>
  );
}

export function DialogActions({ children }: { readonly children: ReactNode }) {
  return <div className={classes.actions}>{children}</div>;
}
