/** What `latchkey doctor` found: good, worth a look, or wrong, and what to do about it. */
export interface Finding {
  readonly level: "ok" | "warning" | "problem";
  /** `node.js`, `port 4000`, `integration Orders` */
  readonly subject: string;
  readonly message: string;
  /** Null when all is well. */
  readonly todo: string | null;
}

export function ok(subject: string, message: string): Finding {
  return { level: "ok", subject, message, todo: null };
}

export function warning(subject: string, message: string, todo: string): Finding {
  return { level: "warning", subject, message, todo };
}

export function problem(subject: string, message: string, todo: string): Finding {
  return { level: "problem", subject, message, todo };
}
