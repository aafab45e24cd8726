/** One number of a page with what it is, a line about it, and the shape of its last hour. Leads to where there is more. */
import type { ReactNode } from "react";
import { Link } from "react-router";
import classes from "./stat.module.css";
import type { Tone } from "./tag.js";

export interface StatProps {
  readonly label: string;
  readonly value: string;
  readonly detail: ReactNode;
  readonly tone?: Tone;
  readonly to: string;
  /** A sparkline. */
  readonly children?: ReactNode;
}

export function Stat({ label, value, detail, tone = "neutral", to, children }: StatProps) {
  return (
    <Link to={to} className={classes.stat} data-tone={tone}>
      <span className={classes.label}>{label}</span>
      <strong className={classes.value}>{value}</strong>
      <span className={classes.detail}>{detail}</span>
      <span className={classes.chart}>{children}</span>
    </Link>
  );
}
