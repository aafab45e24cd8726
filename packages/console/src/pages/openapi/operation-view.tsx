/** One operation of a document: what it takes and returns, how a client calls it, and the way to try it. */
import { Button } from "@mantine/core";
import { Link } from "react-router";
import { CodeBlock } from "../../ui/code-block.js";
import { CopyButton } from "../../ui/copy-button.js";
import { Disclosure } from "../../ui/disclosure.js";
import { Icon } from "../../ui/icon.js";
import { LiteralText } from "../../ui/literal-text.js";
import { MethodBadge } from "../../ui/method-badge.js";
import classes from "./document-view.module.css";
import type { ListedOperation } from "./list-operations.js";
import type { MediaType, OpenApiDocument } from "./openapi-types.js";
import { operationLink } from "./operation-link.js";
import { OperationSamples, type SampleChoice } from "./operation-samples.js";
import { resolveRef } from "./resolve-ref.js";
import { SchemaView } from "./schema-view.js";

export interface OperationViewProps {
  readonly document: OpenApiDocument;
  readonly listed: ListedOperation;
  readonly samples: SampleChoice;
  /** An address leads to it: opened, and in sight. */
  readonly isLinked: boolean;
}

export function OperationView({ document, listed, samples, isLinked }: OperationViewProps) {
  const { method, path, operation } = listed;
  return (
    <Disclosure
      className={classes.operation}
      kind={method}
      isOpenAtFirst={isLinked}
      isScrolledTo={isLinked}
      summary={
        <>
          <MethodBadge method={method} />
          <code className={classes.path}>{path}</code>
          <span className={classes.summary}>{operation.summary}</span>
        </>
      }
    >
      {() => (
        <div className={classes.body}>
          <div className={classes.described}>
            {operation.description !== undefined && <p className={classes.text}>{operation.description}</p>}
            {operation.operationId !== undefined && (
              <p className={classes.id}>
                Operation id <code>{operation.operationId}</code>
              </p>
            )}
            <div className={classes.operationActions}>
              <Button
                component={Link}
                to={`?try=${encodeURIComponent(`${method} ${path}`)}`}
                size="xs"
                variant="default"
                leftSection={<Icon name="player-play" size={14} />}
                preventScrollReset
              >
                Try it
              </Button>
              <CopyButton label="Copy link" text={operationLink(listed)} />
            </div>
            <Parameters document={document} listed={listed} />
            <Body document={document} listed={listed} />
            <Responses document={document} listed={listed} />
          </div>
          <OperationSamples document={document} listed={listed} choice={samples} />
        </div>
      )}
    </Disclosure>
  );
}

type PartProps = { readonly document: OpenApiDocument; readonly listed: ListedOperation };

function Parameters({ document, listed }: PartProps) {
  if (listed.parameters.length === 0) return null;
  return (
    <section>
      <h4 className={classes.small}>Parameters</h4>
      <dl className={classes.parameters}>
        {listed.parameters.map((given) => {
          const parameter = resolveRef(document, given);
          return (
            <div key={`${parameter.in} ${parameter.name}`} className={classes.parameter}>
              <dt>
                <code>{parameter.name}</code>
                <span className="lk-muted">
                  {parameter.in}
                  {parameter.required === true && ", required"}
                </span>
              </dt>
              <dd>
                {parameter.schema !== undefined && (
                  <SchemaView document={document} schema={parameter.schema} />
                )}
                {parameter.description !== undefined && (
                  <span className="lk-muted">{parameter.description}</span>
                )}
              </dd>
            </div>
          );
        })}
      </dl>
    </section>
  );
}

function Body({ document, listed }: PartProps) {
  if (listed.operation.requestBody === undefined) return null;
  const body = resolveRef(document, listed.operation.requestBody);
  return (
    <section>
      <h4 className={classes.small}>Request body{body.required === true && " (required)"}</h4>
      {body.description !== undefined && <p className={classes.text}>{body.description}</p>}
      <Content document={document} content={body.content ?? {}} />
    </section>
  );
}

function Responses({ document, listed }: PartProps) {
  const responses = Object.entries(listed.operation.responses ?? {});
  return (
    <section>
      <h4 className={classes.small}>Responses</h4>
      {responses.map(([status, given]) => {
        const response = resolveRef(document, given);
        return (
          <Disclosure
            key={status}
            className={classes.response}
            kind={toneOf(status)}
            summary={
              <>
                <code className={classes.status}>{status}</code>
                <span>
                  <LiteralText text={response.description ?? ""} />
                </span>
              </>
            }
          >
            {() => <Content document={document} content={response.content ?? {}} />}
          </Disclosure>
        );
      })}
    </section>
  );
}

function Content({
  document,
  content,
}: {
  readonly document: OpenApiDocument;
  readonly content: Readonly<Record<string, MediaType>>;
}) {
  const types = Object.entries(content);
  if (types.length === 0) return <p className="lk-muted">No body.</p>;
  return (
    <>
      {types.map(([type, media]) => (
        <div key={type} className={classes.media}>
          <code className={classes.mediaType}>{type}</code>
          {media.schema !== undefined && <SchemaView document={document} schema={media.schema} />}
          {examplesOf(document, media).map(([name, value]) => (
            <figure key={name} className={classes.example}>
              <figcaption>{name}</figcaption>
              <CodeBlock
                label={`Example ${name}`}
                text={typeof value === "string" ? value : JSON.stringify(value, null, 2)}
                size="small"
              />
            </figure>
          ))}
        </div>
      ))}
    </>
  );
}

function examplesOf(document: OpenApiDocument, media: MediaType): readonly (readonly [string, unknown])[] {
  const named = Object.entries(media.examples ?? {}).map(
    ([name, example]) => [name, resolveRef(document, example).value] as const,
  );
  return media.example === undefined ? named : [["Example", media.example], ...named];
}

function toneOf(status: string): string {
  if (status.startsWith("2")) return "ok";
  return status.startsWith("4") || status.startsWith("5") ? "bad" : "neutral";
}
