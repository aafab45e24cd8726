/** A GraphQL operation as text, which carries the types of its result and of its variables. */
export interface TypedDocument<TResult, TVariables> {
  readonly text: string;
  /** Never set: it only holds the types. */
  readonly types?: (variables: TVariables) => TResult;
}

export function typedDocument<TResult, TVariables>(text: string): TypedDocument<TResult, TVariables> {
  return { text };
}
