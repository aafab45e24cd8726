/**
 * What a GraphQL operation may ask for. `checkDocument` looks at the text alone and comes before validation, whose
 * cost grows with the square of repeated fields; `checkCost` knows types and variables and comes before execution.
 */
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  Lexer,
  type OperationDefinitionNode,
  parse,
  type SelectionSetNode,
  Source,
  TokenKind,
} from "graphql";
import { PAGE_SIZE_DEFAULT } from "./connection.js";

export interface GraphqlLimits {
  /** Levels of fields; those below `__schema` and `__type` do not count. */
  readonly depthMax: number;
  readonly aliasesMax: number;
  /** Fields at the top of one operation: what batching by aliases would use. */
  readonly rootFieldsMax: number;
  /** Lexical tokens of the document. */
  readonly tokensMax: number;
  /** Sum over all fields; those below a list count as often as the list is long. */
  readonly costMax: number;
}

/** The same name so often in one selection is no honest query, and makes validation slow. */
const REPEATS_MAX = 10;
const DIRECTIVES_MAX = 50;
/** Brackets within brackets, in values as well: the parser goes down one by one, and its stack ends below 2 000. */
const NESTING_MAX = 200;
/** How long a list without paging is taken to be. */
const LIST_LENGTH_ASSUMED = 10;

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

/**
 * The document of a text. The text is looked at token by token before it is parsed.
 * @throws GraphQLError for what does not parse, has too many tokens, or nests too deep
 */
export function parseBounded(text: string, { tokensMax }: GraphqlLimits): DocumentNode {
  const lexer = new Lexer(new Source(text));
  let nesting = 0;
  // Refused here, before the parser and Apollo would each go as far again to say the same.
  for (let count = 1; ; count++) {
    const { kind } = lexer.advance();
    if (kind === TokenKind.EOF) break;
    if (count > tokensMax) throw tooMuch(`it has more than ${tokensMax} tokens`);
    if (kind === TokenKind.BRACE_L || kind === TokenKind.BRACKET_L || kind === TokenKind.PAREN_L) nesting++;
    else if (kind === TokenKind.BRACE_R || kind === TokenKind.BRACKET_R || kind === TokenKind.PAREN_R)
      nesting--;
    if (nesting > NESTING_MAX) throw tooMuch(`it nests more than ${NESTING_MAX} brackets`);
  }
  return parse(text, { maxTokens: tokensMax });
}

/** The first limit that the document breaks, or null. */
export function checkDocument(document: DocumentNode, limits: GraphqlLimits): GraphQLError | null {
  try {
    new DocumentCheck(document, limits).run();
    return null;
  } catch (error) {
    if (error instanceof GraphQLError) return error;
    throw error;
  }
}

class DocumentCheck {
  readonly #document: DocumentNode;
  readonly #limits: GraphqlLimits;
  readonly #fragments: Fragments;
  readonly #depthOfFragment = new Map<string, number>();
  #aliases = 0;
  #directives = 0;

  constructor(document: DocumentNode, limits: GraphqlLimits) {
    this.#document = document;
    this.#limits = limits;
    this.#fragments = fragmentsOf(document);
  }

  run(): void {
    const { depthMax, rootFieldsMax } = this.#limits;
    for (const definition of this.#document.definitions) {
      if (definition.kind !== Kind.OPERATION_DEFINITION && definition.kind !== Kind.FRAGMENT_DEFINITION)
        continue;
      this.#count(definition.selectionSet, definition.directives?.length ?? 0);
      if (definition.kind === Kind.OPERATION_DEFINITION) {
        const rootFields = this.#rootFields(definition.selectionSet, new Set());
        if (rootFields > rootFieldsMax)
          throw tooMuch(`it has ${rootFields} fields at the top, at most ${rootFieldsMax} are allowed`);
      }
      if (definition.kind === Kind.FRAGMENT_DEFINITION && isIntrospective(definition)) continue;
      const depth = this.#depth(definition.selectionSet, new Set());
      if (depth > depthMax) throw tooMuch(`it is ${depth} levels deep, at most ${depthMax} are allowed`);
    }
  }

  /** Aliases, directives and repeats, each selection once. */
  #count(selectionSet: SelectionSetNode, directives: number): void {
    const { aliasesMax } = this.#limits;
    const repeats = new Map<string, number>();
    this.#directives += directives;
    for (const selection of selectionSet.selections) {
      this.#directives += selection.directives?.length ?? 0;
      const name =
        selection.kind === Kind.FIELD
          ? (selection.alias ?? selection.name).value
          : selection.kind === Kind.FRAGMENT_SPREAD
            ? `...${selection.name.value}`
            : `...on ${selection.typeCondition?.name.value ?? ""}`;
      const times = (repeats.get(name) ?? 0) + 1;
      repeats.set(name, times);
      if (times > REPEATS_MAX)
        throw tooMuch(`it repeats "${name}" more than ${REPEATS_MAX} times in one place`);
      if (selection.kind === Kind.FIELD && selection.alias !== undefined) this.#aliases += 1;
      if (this.#aliases > aliasesMax) throw tooMuch(`it has more than ${aliasesMax} aliases`);
      if (this.#directives > DIRECTIVES_MAX) throw tooMuch(`it has more than ${DIRECTIVES_MAX} directives`);
      if (selection.kind !== Kind.FRAGMENT_SPREAD && selection.selectionSet)
        this.#count(selection.selectionSet, 0);
    }
  }

  /** A fragment within itself is left to validation, which refuses it. */
  #depth(selectionSet: SelectionSetNode, within: ReadonlySet<string>): number {
    let deepest = 0;
    for (const selection of selectionSet.selections) {
      let depth = 0;
      if (selection.kind === Kind.FIELD) depth = 1 + this.#depthBelow(selection, within);
      else if (selection.kind === Kind.INLINE_FRAGMENT) depth = this.#depth(selection.selectionSet, within);
      else if (!within.has(selection.name.value)) depth = this.#fragmentDepth(selection.name.value, within);
      deepest = Math.max(deepest, depth);
    }
    return deepest;
  }

  /** Introspection goes as deep as its query needs; graphql-js bounds it by a rule of its own (MaxIntrospectionDepthRule). */
  #depthBelow(field: FieldNode, within: ReadonlySet<string>): number {
    if (field.selectionSet === undefined || field.name.value.startsWith("__")) return 0;
    return this.#depth(field.selectionSet, within);
  }

  #fragmentDepth(name: string, within: ReadonlySet<string>): number {
    const known = this.#depthOfFragment.get(name);
    if (known !== undefined) return known;
    const fragment = this.#fragments.get(name);
    const depth = fragment === undefined ? 0 : this.#depth(fragment.selectionSet, new Set([...within, name]));
    this.#depthOfFragment.set(name, depth);
    return depth;
  }

  #rootFields(selectionSet: SelectionSetNode, seen: Set<string>): number {
    let count = 0;
    for (const selection of selectionSet.selections) {
      if (selection.kind === Kind.FIELD) count += 1;
      else if (selection.kind === Kind.INLINE_FRAGMENT)
        count += this.#rootFields(selection.selectionSet, seen);
      else if (!seen.has(selection.name.value)) {
        seen.add(selection.name.value);
        const fragment = this.#fragments.get(selection.name.value);
        if (fragment !== undefined) count += this.#rootFields(fragment.selectionSet, seen);
      }
    }
    return count;
  }
}

/** Can only be used below `__schema` or `__type`. */
function isIntrospective(fragment: FragmentDefinitionNode): boolean {
  return fragment.typeCondition.name.value.startsWith("__");
}

export interface CostInput {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** The refusal of an operation that costs too much, or null. The document must be valid. */
export function checkCost(input: CostInput, limits: GraphqlLimits): GraphQLError | null {
  const { costMax } = limits;
  const cost = costOf(input);
  if (cost <= costMax) return null;
  const shown = Number.isSafeInteger(cost) ? String(cost) : `more than ${Number.MAX_SAFE_INTEGER}`;
  return tooMuch(
    `it costs ${shown} and at most ${costMax} is allowed: ask for fewer items per page or fewer fields`,
  );
}

/** The cost. Each fragment is counted once, however often it is spread: the time grows with the document alone. */
export function costOf({ schema, document, operation, variables }: CostInput): number {
  const fragments = fragmentsOf(document);
  const costOfFragment = new Map<string, number>();

  const typeNamed = (name: string | undefined): GraphQLOutputType | undefined => {
    const type = name === undefined ? undefined : schema.getType(name);
    return isCompositeType(type) ? type : undefined;
  };

  const fragmentCost = (name: string): number => {
    const known = costOfFragment.get(name);
    if (known !== undefined) return known;
    const fragment = fragments.get(name);
    if (fragment === undefined) return 0;
    costOfFragment.set(name, 0); // ends a fragment within itself, which validation refuses
    const cost = selectionCost(fragment.selectionSet, typeNamed(fragment.typeCondition.name.value));
    costOfFragment.set(name, cost);
    return cost;
  };

  const fieldCost = (field: FieldNode, parent: GraphQLOutputType | undefined): number => {
    // Introspection is bounded by depth, by its own rule of validation, and by the schema's size.
    if (field.selectionSet === undefined || field.name.value.startsWith("__")) return 1;
    const type = fieldType(parent, field);
    if (type === undefined) return 1;
    const below = selectionCost(field.selectionSet, getNamedType(type) as GraphQLOutputType);
    return 1 + lengthOf(type, field, variables) * below;
  };

  const selectionCost = (selectionSet: SelectionSetNode, parent: GraphQLOutputType | undefined): number => {
    let cost = 0;
    for (const selection of selectionSet.selections) {
      if (selection.kind === Kind.FIELD) cost += fieldCost(selection, parent);
      else if (selection.kind === Kind.FRAGMENT_SPREAD) cost += fragmentCost(selection.name.value);
      else
        cost += selectionCost(
          selection.selectionSet,
          typeNamed(selection.typeCondition?.name.value) ?? parent,
        );
    }
    return cost;
  };

  const root = schema.getRootType(operation.operation);
  return root ? selectionCost(operation.selectionSet, root) : 0;
}

function fieldType(parent: GraphQLOutputType | undefined, field: FieldNode): GraphQLOutputType | undefined {
  if (parent === undefined || !("getFields" in parent)) return undefined;
  return parent.getFields()[field.name.value]?.type;
}

/** How many objects the field's selection will be resolved for. */
function lengthOf(
  type: GraphQLOutputType,
  field: FieldNode,
  variables: Readonly<Record<string, unknown>>,
): number {
  const bare = isNonNullType(type) ? type.ofType : type;
  // The items of a connection are counted once, at the connection; its edges and nodes are lists of that length.
  if (isObjectType(bare) && bare.name.endsWith("Connection")) return pageSize(field, variables);
  const isItems = field.name.value === "edges" || field.name.value === "nodes";
  if (isListType(bare) && !isItems) return LIST_LENGTH_ASSUMED;
  return 1;
}

function pageSize(field: FieldNode, variables: Readonly<Record<string, unknown>>): number {
  for (const argument of field.arguments ?? []) {
    if (argument.name.value !== "first" && argument.name.value !== "last") continue;
    const value = argument.value;
    const size =
      value.kind === Kind.INT
        ? Number(value.value)
        : value.kind === Kind.VARIABLE
          ? variables[value.name.value]
          : null;
    // A page of none still counts once, so that counting ends.
    if (typeof size === "number" && size >= 0) return Math.max(1, size);
  }
  return PAGE_SIZE_DEFAULT;
}

function fragmentsOf(document: DocumentNode): Fragments {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions)
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  return fragments;
}

const TOO_LARGE = "OPERATION_TOO_LARGE";

/** One of the refusals of this file. */
export function isTooLarge(error: unknown): error is GraphQLError {
  return error instanceof GraphQLError && error.extensions.code === TOO_LARGE;
}

function tooMuch(reason: string): GraphQLError {
  return new GraphQLError(`The operation is too large: ${reason}.`, {
    extensions: { code: TOO_LARGE, http: { status: 400 } },
  });
}
