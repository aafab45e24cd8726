/** The page's examples as graphql-codegen makes them with the page's own configuration: TypeScript, and what it runs as. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { codegen } from "@graphql-codegen/core";
import * as typedDocuments from "@graphql-codegen/typed-document-node";
import * as operations from "@graphql-codegen/typescript-operations";
import type { TypedDocumentNode } from "@urql/core";
import { parse } from "graphql";
import ts from "typescript";
import { codeBlocks, examples } from "./page.js";

export const schemaText = readFileSync(
  join(import.meta.dirname, "../../../packages/control-plane/schema.graphql"),
  "utf8",
);
const plugins = { "typescript-operations": operations, "typed-document-node": typedDocuments };
const OUTPUT = "src/gen/operations.ts";

interface CodegenConfig {
  readonly generates: {
    readonly [OUTPUT]: {
      readonly plugins: readonly (keyof typeof plugins)[];
      readonly config: Record<string, unknown>;
    };
  };
}

export type Documents = Readonly<Record<string, TypedDocumentNode<Record<string, unknown>>>>;

export async function generate(): Promise<string> {
  const config = await configOfPage();
  const { plugins: names, config: settings } = config.generates[OUTPUT];
  return codegen({
    filename: OUTPUT,
    schema: parse(schemaText),
    documents: examples.map(({ name, query }) => ({ location: `${name}.graphql`, document: parse(query) })),
    plugins: names.map((name) => ({ [name]: {} })),
    pluginMap: Object.fromEntries(names.map((name) => [name, plugins[name]])),
    config: settings,
  });
}

async function configOfPage(): Promise<CodegenConfig> {
  const code = codeBlocks.find((block) => block.includes("generates:"));
  if (code === undefined) throw new Error("the page shows no configuration of graphql-codegen");
  return ((await load(code)) as { default: CodegenConfig }).default;
}

/** Runs a module that imports nothing but types. */
export async function load(code: string): Promise<unknown> {
  const options = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
  const text = ts.transpileModule(code, { compilerOptions: options }).outputText;
  return import(/* @vite-ignore */ `data:text/javascript;base64,${Buffer.from(text).toString("base64")}`);
}

/** What a compiler that is as strict as can be says of the generated module and of code that uses it. */
export function typeErrors(generated: string, use: string): readonly string[] {
  const folder = import.meta.dirname;
  const files = new Map([
    [join(folder, "operations.ts"), generated],
    [join(folder, "use.ts"), use],
  ]);
  const options: ts.CompilerOptions = {
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    skipLibCheck: true,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    target: ts.ScriptTarget.ES2022,
    types: [],
  };
  const host = ts.createCompilerHost(options);
  const readFile = host.readFile.bind(host);
  const fileExists = host.fileExists.bind(host);
  host.readFile = (path) => files.get(path) ?? readFile(path);
  host.fileExists = (path) => files.has(path) || fileExists(path);
  const getSourceFile = host.getSourceFile.bind(host);
  host.getSourceFile = (path, version) => {
    const text = files.get(path);
    return text === undefined ? getSourceFile(path, version) : ts.createSourceFile(path, text, version);
  };
  const program = ts.createProgram([...files.keys()], options, host);
  return ts.getPreEmitDiagnostics(program).map(({ messageText, start, file }) => {
    const line =
      file === undefined || start === undefined ? 0 : file.getLineAndCharacterOfPosition(start).line;
    return `${line + 1}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
  });
}
