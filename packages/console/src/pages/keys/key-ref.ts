/** A key as messages and dialogs name it. */
export interface KeyRef {
  readonly id: string;
  readonly name: string;
}
