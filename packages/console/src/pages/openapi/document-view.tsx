/** An OpenAPI document as people know it: operations in the colours of their methods, opened one by one. */
import { Button } from "@mantine/core";
import { useMemo } from "react";
import { Link } from "react-router";
import { CodeBlock } from "../../ui/code-block.js";
import { Disclosure } from "../../ui/disclosure.js";
import { Icon } from "../../ui/icon.js";
import { MethodBadge } from "../../ui/method-badge.js";
import classes from "./document-view.module.css";
import { type ListedOperation, listOperations } from "./list-operations.js";
import type { MediaType, OpenApiDocument } from "./openapi-types.js";
import { resolveRef } from "./resolve-ref.js";
import { SchemaView } from "./schema-view.js";

/** Documents with more are shown closed, so that a thousand operations open at once. */
const OPEN_FIRST_MAX = 60;

export function DocumentView({ document }: { readonly document: OpenApiDocument }) {
  const groups = useMemo(() => listOperations(document), [document]);
  const schemas = Object.entries(document.components?.schemas ?? {});
  const security = Object.entries(document.components?.securitySchemes ?? {});
  const count = groups.reduce((sum, group) => sum + group.operations.length, 0);
  return (
    <div className={classes.document}>
      {document.info?.description !== undefined && (
        <p className={classes.text}>{document.info.description}</p>
      )}
      <div className={classes.facts}>
        <section aria-label="Servers">
          <h3 className={classes.small}>Servers</h3>
          {(document.servers ?? []).map((server) => (
            <code key={server.url} className={classes.server}>
              {server.url}
            </code>
          ))}
          {(document.servers ?? []).length === 0 && <span className="lk-muted">None named</span>}
        </section>
        <section aria-label="Authorization">
          <h3 className={classes.small}>Authorization</h3>
          {security.map(([name, scheme]) => (
            <div key={name} className={classes.scheme}>
              <strong>{name}</strong>{" "}
              <span className="lk-muted">
                {scheme.type === "apiKey" ? (
                  <>
                    {scheme.in} <code>{scheme.name}</code>
                  </>
                ) : (
                  `${scheme.type ?? ""} ${scheme.scheme ?? ""}`
                )}
              </span>
            </div>
          ))}
        </section>
      </div>
      {count === 0 && <p className="lk-muted">This API has no operations yet.</p>}
      {groups.map((group) => (
        <Disclosure
          key={group.tag}
          className={classes.group}
          isOpenAtFirst={count <= OPEN_FIRST_MAX}
          summary={
            <>
              <h3 className={classes.tag}>{group.tag}</h3>
              {group.description !== undefined && <span className="lk-muted">{group.description}</span>}
            </>
          }
        >
          {() => (
            <div className={classes.operations}>
              {group.operations.map((listed) => (
                <OperationView key={listed.key} document={document} listed={listed} />
              ))}
            </div>
          )}
        </Disclosure>
      ))}
      {schemas.length > 0 && (
        <Disclosure
          className={classes.group}
          summary={
            <>
              <h3 className={classes.tag}>Schemas</h3>
              <span className="lk-muted">{schemas.length}</span>
            </>
          }
        >
          {() => (
            <>
              {schemas.map(([name, schema]) => (
                <div key={name} className={classes.schema}>
                  <h4 className={classes.schemaName}>{name}</h4>
                  <SchemaView document={document} schema={schema} />
                </div>
              ))}
            </>
          )}
        </Disclosure>
      )}
    </div>
  );
}

function OperationView({
  document,
  listed,
}: {
  readonly document: OpenApiDocument;
  readonly listed: ListedOperation;
}) {
  const { method, path, operation } = listed;
  return (
    <Disclosure
      className={classes.operation}
      kind={method}
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
          {operation.description !== undefined && <p className={classes.text}>{operation.description}</p>}
          {operation.operationId !== undefined && (
            <p className={classes.id}>
              Operation id <code>{operation.operationId}</code>
            </p>
          )}
          <div>
            <Button
              component={Link}
              to={`?try=${encodeURIComponent(`${method} ${path}`)}`}
              size="xs"
              variant="default"
              leftSection={<Icon name="play" size={14} />}
              preventScrollReset
            >
              Try it
            </Button>
          </div>
          <Parameters document={document} listed={listed} />
          <Body document={document} listed={listed} />
          <Responses document={document} listed={listed} />
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
                <span>{response.description}</span>
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
