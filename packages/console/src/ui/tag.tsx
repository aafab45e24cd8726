/** A small label with a tone: state of a key, a badge of a version. Says its state in words, never by colour alone. */
import type { ReactNode } from "react";
import classes from "./tag.module.css";

export type Tone = "neutral" | "accent" | "ok" | "warn" | "bad";

export interface TagProps {
  readonly tone?: Tone;
  readonly children: ReactNode;
  readonly dot?: boolean;
  readonly title?: string;
}

export function Tag({ tone = "neutral", children, dot = false, title }: TagProps) {
  return (
    <span className={classes.tag} data-tone={tone} title={title}>
      {dot && <span className={classes.dot} aria-hidden="true" />}
      {children}
    </span>
  );
}
