/** Where a credential's id leads. Integrations hold the reference, so a change of a credential touches no integration. */

/** What the forwarder makes of a credential; the table only keeps it. */
export interface CredentialHandle {
  /** Why this node cannot use it at the moment, or null. Never a secret. */
  readonly problem: string | null;
  /** Looks at a referenced secret again if that is due, in the background. */
  look(): void;
}

export class CredentialRef {
  readonly id: string;
  /** Null: the credential does not exist, or is quarantined. */
  current: CredentialHandle | null = null;

  constructor(id: string) {
    this.id = id;
  }
}
