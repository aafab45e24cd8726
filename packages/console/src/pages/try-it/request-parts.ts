/** Puts a request together from what people type: parameters into the pattern, headers, a curl line. Pure. */

/** In a URL or a sample, in place of a key that is not known. */
export const KEY_PLACEHOLDER = "YOUR_API_KEY";

/** The address of the ingress to put a path behind, or a placeholder where it is not configured. */
export function ingressBase(ingressUrl: string | null): string {
  return (ingressUrl ?? "https://your-ingress").replace(/(?<!\/)\/+$/, "");
}

/** `/orders/{id}/files/{path*}` → `id`, `path*` */
export function parametersOf(pattern: string): readonly string[] {
  return [...pattern.matchAll(/\{([^{}]+)\}/g)].map((match) => match[1] ?? "");
}

/** The path with its parameters filled in; a rest parameter keeps its slashes. An empty one stays as it is: `{id}`. */
export function fillPath(pattern: string, values: Readonly<Record<string, string>>): string {
  return pattern.replace(/\{([^{}]+)\}/g, (whole, name: string) => {
    const value = values[name] ?? "";
    if (value === "") return whole;
    return name.endsWith("*")
      ? value.split("/").map(encodeURIComponent).join("/")
      : encodeURIComponent(value);
  });
}

/** Characters that a request target cannot carry are encoded; what is encoded already stays. */
export function withQuery(path: string, query: string): string {
  const clean = query.trim().replace(/^\?/, "");
  if (clean === "") return path;
  return `${path}?${clean.replace(/[^\x21-\x7e]|["<>\\^`{|}#]/gu, encodeURIComponent)}`;
}

export interface CurlParts {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string | null;
  /** The file that the body is read from, with a `body` of null. */
  readonly bodyFile?: string;
}

/** One line that works when pasted into a POSIX shell. */
export function curlLine(parts: CurlParts): string {
  return curlParts(parts).join(" ");
}

/** The same with an option a line. */
export function curlLines(parts: CurlParts): string {
  return curlParts(parts).join(" \\\n  ");
}

/** The command with its URL, then each option with its value. */
function curlParts({ method, url, headers, body, bodyFile }: CurlParts): readonly string[] {
  const command = ["curl", "-i"];
  // Without it, curl takes brackets for a list of URLs.
  if (/[[\]{}]/.test(url)) command.push("--globoff");
  if (method === "HEAD") command.push("--head");
  else if (method !== "GET" || body !== null || bodyFile !== undefined) command.push("-X", method);
  return [
    [...command, shellQuoted(url)].join(" "),
    ...headers.map(([name, value]) => `-H ${shellQuoted(`${name}: ${value}`)}`),
    // `--data-binary @…` sends a file: a body that a client chose must not name one.
    ...(body === null ? [] : [`--data-raw ${shellQuoted(body)}`]),
    ...(bodyFile === undefined ? [] : [`--data-binary ${shellQuoted(`@${bodyFile}`)}`]),
  ];
}

function shellQuoted(text: string): string {
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

export function hasBody(method: string): boolean {
  return method !== "GET" && method !== "HEAD";
}
