/** A request in the languages that clients are written in. Pure: a sample has placeholders and no key. */
import { type CurlParts, curlLines } from "../try-it/request-parts.js";

export const sampleLanguages = [
  { value: "curl", label: "curl" },
  { value: "javascript", label: "JavaScript" },
  { value: "python", label: "Python" },
] as const;

export type SampleLanguage = (typeof sampleLanguages)[number]["value"];

export type SampleRequest = CurlParts;

export function codeSample(language: SampleLanguage, request: SampleRequest): string {
  if (language === "javascript") return javascript(request);
  return language === "python" ? python(request) : curlLines(request);
}

function javascript({ method, url, headers, body }: SampleRequest): string {
  const value = jsonOf(body);
  return [
    `const response = await fetch(${quoted(url)}, {`,
    `  method: ${quoted(method)},`,
    "  headers: {",
    ...headers.map(([name, text]) => `    ${quoted(name)}: ${quoted(text)},`),
    "  },",
    ...(body === null
      ? []
      : [`  body: ${value === undefined ? quoted(body) : `JSON.stringify(${indented(value)})`},`]),
    "});",
    "console.log(response.status, await response.text());",
  ].join("\n");
}

function python({ method, url, headers, body }: SampleRequest): string {
  const value = jsonOf(body);
  return [
    "import requests",
    "",
    "response = requests.request(",
    `    ${quoted(method)},`,
    `    ${quoted(url)},`,
    "    headers={",
    ...headers.map(([name, text]) => `        ${quoted(name)}: ${quoted(text)},`),
    "    },",
    ...(body === null
      ? []
      : [
          value === undefined
            ? `    data=${quoted(body)}.encode(),`
            : `    json=${pythonValue(value, "    ")},`,
        ]),
    ")",
    "print(response.status_code, response.text)",
  ].join("\n");
}

/** Escapes of JSON are those of JavaScript and Python as well. */
function quoted(text: string): string {
  return JSON.stringify(text);
}

/** Undefined: the text is no JSON. */
function jsonOf(body: string | null): unknown {
  try {
    return body === null ? undefined : JSON.parse(body);
  } catch {
    return undefined;
  }
}

function indented(value: unknown): string {
  return JSON.stringify(value, null, 2).replaceAll("\n", "\n  ");
}

function pythonValue(value: unknown, indent: string): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value !== "object") return JSON.stringify(value);
  const inner = `${indent}    `;
  const lines = Array.isArray(value)
    ? value.map((each) => `${inner}${pythonValue(each, inner)},\n`)
    : Object.entries(value).map(([name, each]) => `${inner}${quoted(name)}: ${pythonValue(each, inner)},\n`);
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  return lines.length === 0 ? `${open}${close}` : `${open}\n${lines.join("")}${indent}${close}`;
}
