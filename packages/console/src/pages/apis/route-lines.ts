/** Reads routes from lines as people write them: `GET /orders -> Orders`. Pure. */
import { type Method, methods } from "../../ui/method-badge.js";

export interface RouteLine {
  readonly method: Method;
  readonly path: string;
  /** Name of the integration; null: none is named. */
  readonly integration: string | null;
}

export interface RouteLines {
  readonly routes: readonly RouteLine[];
  /** One sentence for each line that cannot be read. */
  readonly problems: readonly string[];
}

const LINES_MAX = 1_000;

/** Empty lines and those that begin with `#` are left out. */
export function readRouteLines(text: string): RouteLines {
  const routes: RouteLine[] = [];
  const problems: string[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const clean = line.trim();
    if (clean === "" || clean.startsWith("#")) continue;
    const read = readLine(clean);
    if (typeof read === "string") problems.push(`Line ${index + 1}: ${read}`);
    else if (routes.length === LINES_MAX) {
      problems.push(`Line ${index + 1}: an API has at most ${LINES_MAX.toLocaleString("en")} routes.`);
      break;
    } else routes.push(read);
  }
  return { routes, problems };
}

const arrows = ["->", "=>", "→"];

function readLine(line: string): RouteLine | string {
  const [first = "", path = "", ...words] = line.split(/\s+/);
  const method = methods.find((each) => each === (first === "*" ? "ANY" : first.toUpperCase()));
  if (method === undefined) return `“${first}” is not a method.`;
  if (!path.startsWith("/")) return "the path must begin with “/”.";
  if (words.length === 0) return { method, path, integration: null };
  const rest = words.join(" ");
  const arrow = arrows.find((each) => rest.startsWith(each)) ?? "";
  const integration = rest.slice(arrow.length).trim();
  return integration === "" ? "write the integration after “->”." : { method, path, integration };
}

/** Whether a pasted text is several routes rather than one path. */
export function isRouteList(text: string): boolean {
  return text.includes("\n") && readRouteLines(text).routes.length > 1;
}
