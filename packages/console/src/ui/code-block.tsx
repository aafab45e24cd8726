/** A text in fixed width that scrolls in its own frame, by keyboard as well. */
import type { ReactNode } from "react";
import classes from "./code-block.module.css";

export interface CodeBlockProps {
  readonly label: string;
  readonly text: ReactNode;
  /** Long lines break instead of scrolling. */
  readonly isWrapped?: boolean;
  readonly size?: "small" | "large";
}

export function CodeBlock({ label, text, isWrapped = false, size = "large" }: CodeBlockProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section className={classes.block} aria-label={label} tabIndex={0} data-size={size}>
      <pre className={isWrapped ? classes.wrapped : undefined}>{text}</pre>
    </section>
  );
}
