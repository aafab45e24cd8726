/** Prepares a recorded request to be sent again, without its key and the headers of its connection. Pure. */
import { type RequestForm, unknownForm } from "../try-it/request-form.js";
import { curlLine, ingressBase, parametersOf } from "../try-it/request-parts.js";

/** What nodes write in place of a secret. */
export const MASKED = "•••";

interface RecordedHeader {
  readonly name: string;
  readonly value: string;
}

export interface RecordedRequest {
  readonly method: string;
  /** With its query. */
  readonly target: string;
  readonly headers: readonly RecordedHeader[];
  /** Null: there was one, and it is not kept as a whole. */
  readonly body: string | null;
}

export interface Gateway {
  readonly ingressUrl: string | null;
  readonly keyHeader: string;
}

/** Headers of one connection or of one request: a request that is sent again gets its own. */
const OWN_HEADERS: ReadonlySet<string> = new Set([
  "host",
  "content-length",
  "transfer-encoding",
  "connection",
  "keep-alive",
  "te",
  "trailer",
  "upgrade",
  "expect",
  "accept-encoding",
  "interchangeid",
]);

function sentAgain({ headers }: RecordedRequest, keyHeader: string): readonly RecordedHeader[] {
  return headers.filter(({ name }) => !OWN_HEADERS.has(name) && name !== keyHeader.toLowerCase());
}

/** Masked values stay `•••`; a body that is not kept is read from the file `body`. */
export function curlOfRecorded(request: RecordedRequest, { ingressUrl, keyHeader }: Gateway): string {
  const headers = sentAgain(request, keyHeader).map(({ name, value }) => [name, value] as const);
  return curlLine({
    method: request.method,
    url: `${ingressBase(ingressUrl)}${request.target}`,
    headers: [[keyHeader, "YOUR_KEY"], ...headers],
    body: request.body === "" ? null : request.body,
    ...(request.body === null && { bodyFile: "body" }),
  });
}

export interface FilledForm {
  readonly form: RequestForm;
  /** Headers that are not filled in, since their values were masked. */
  readonly masked: readonly string[];
}

/** @param pattern of the route: `/orders/{id}` */
export function formOfRecorded(pattern: string, request: RecordedRequest, keyHeader: string): FilledForm {
  const headers = sentAgain(request, keyHeader);
  const isKept = ({ name, value }: RecordedHeader) => name !== "content-type" && value !== MASKED;
  const [path = "", query = ""] = request.target.split(/\?(.*)/s);
  return {
    form: {
      ...unknownForm,
      values: pathValues(pattern, path),
      query: [...new URLSearchParams(query)].map(([name, value], id) => ({ id, name, value })),
      headers: headers.filter(isKept).map(({ name, value }, id) => ({ id, name, value })),
      contentType: headers.find(({ name }) => name === "content-type")?.value ?? unknownForm.contentType,
      body: request.body ?? "",
    },
    masked: headers.filter(({ value }) => value === MASKED).map(({ name }) => name),
  };
}

/** The parameters of a path, by the ids of their fields. */
function pathValues(pattern: string, path: string): Readonly<Record<string, string>> {
  const names = parametersOf(pattern);
  const source = pattern
    .split(/\{[^{}]+\}/)
    .map((literal) => literal.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
    .reduce((before, literal, index) => {
      const isRest = names[index - 1]?.endsWith("*") === true;
      return `${before}${isRest ? "(.*)" : "([^/]*)"}${literal}`;
    });
  const found = new RegExp(`^${source}$`).exec(path);
  return Object.fromEntries(names.map((name, index) => [`path ${name}`, decoded(found?.[index + 1] ?? "")]));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
