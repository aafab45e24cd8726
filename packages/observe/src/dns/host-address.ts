/** An address that a name resolved to. */
export interface HostAddress {
  readonly address: string;
  readonly family: 4 | 6;
}
