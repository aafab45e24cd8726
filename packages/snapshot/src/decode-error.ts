/** Why a record cannot be used; goes into the ACK's list of rejected resources. */
export interface DecodeError {
  readonly reason: string;
}
