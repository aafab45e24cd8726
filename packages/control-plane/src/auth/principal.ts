/** Who sends a request. Made by authentication, carried to the audit log. */

export interface Principal {
  /** Name of the operator: `admin`, or one of the configured names. */
  readonly actor: string;
  /** How they authenticated. */
  readonly via: "token" | "session" | "internal";
  /** Address of the client; absent for what the control plane does by itself. */
  readonly address?: string;
  /** Id of the console session, if it is one. */
  readonly sessionId?: string;
}
