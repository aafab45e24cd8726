/** Cold. The routes of a router while it is built: those of one pattern side by side, so that a leaf can name them. */
import { LEAF_COUNT_SHIFT } from "./program.js";
import { ANY_METHOD, Route, type RouteDefinition } from "./route.js";

export class RouteList<T> {
  readonly definitions: readonly RouteDefinition<T>[];
  readonly routes: Route<T>[] = [];
  /** Whether two definitions of one pattern had one method. */
  hasConflict = false;
  private first = 0;
  private any: RouteDefinition<T> | null = null;

  constructor(definitions: readonly RouteDefinition<T>[]) {
    this.definitions = definitions;
  }

  /** The pattern's text of a definition. */
  text(index: number): string {
    return this.definitions[index]!.pattern.text;
  }

  /** Adds a definition of the pattern whose leaf is asked for next. */
  add(index: number): void {
    const definition = this.definitions[index]!;
    if (definition.method === ANY_METHOD) {
      if (this.any !== null) this.hasConflict = true;
      this.any = definition;
      return;
    }
    const { routes } = this;
    for (let other = this.first; other < routes.length; other++)
      if (routes[other]!.method === definition.method) this.hasConflict = true;
    routes.push(new Route(definition));
  }

  /** The leaf of what was added since the last one: explicit methods, then ANY, which is left when none is the request's. */
  leaf(): number {
    const { first, routes } = this;
    let count = 2 * (routes.length - first);
    if (this.any !== null) {
      count++;
      routes.push(new Route(this.any));
      this.any = null;
    }
    this.first = routes.length;
    return first | (count << LEAF_COUNT_SHIFT);
  }
}
