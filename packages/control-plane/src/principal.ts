/** Who asks. Made by authentication, carried to the audit log. */

export interface Principal {
  /** Name of the operator: `admin`, or one of the configured names. */
  readonly actor: string;
  /** How they showed it. */
  readonly via: "token" | "session" | "internal";
}
