/** Which route a request is made for, as the address has it: `GET /orders/{id}`. Pure. */
import { type Method, methods } from "../../ui/method-badge.js";

export interface TargetRoute {
  readonly id: string;
  readonly method: string;
  readonly path: string;
}

export interface Target<R extends TargetRoute> {
  readonly route: R;
  /** Of the request; for a route that takes any method, the chosen one. */
  readonly method: Exclude<Method, "ANY">;
}

export function targetText(method: string, path: string): string {
  return `${method} ${path}`;
}

/**
 * The route with this id, or with this method and path, also by a path of an OpenAPI document, which has no `*`. Without one the first route
 * that only reads, or the first. Null: there are no routes.
 */
export function findTarget<R extends TargetRoute>(routes: readonly R[], text: string): Target<R> | null {
  const space = text.indexOf(" ");
  const [method, path] = [text.slice(0, space), plain(text.slice(space + 1))];
  const ofPath = routes.filter((each) => plain(each.path) === path);
  const route =
    routes.find((each) => each.id === text) ??
    ofPath.find((each) => each.method === method) ??
    ofPath.find((each) => each.method === "ANY") ??
    routes.find((each) => each.method === "GET") ??
    routes[0];
  if (route === undefined) return null;
  const wanted = route.method === "ANY" && ofPath.includes(route) ? method : route.method;
  return { route, method: methods.filter((each) => each !== "ANY").find((each) => each === wanted) ?? "GET" };
}

function plain(path: string): string {
  return path.replaceAll("*}", "}");
}
