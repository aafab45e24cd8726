/** Shared schemas, opened one by one: what they say and where they are used. `#Order` opens one. */
import { useEffect, useMemo, useRef } from "react";
import { Link, useLocation } from "react-router";
import { Disclosure } from "../../ui/disclosure.js";
import type { Schema } from "../openapi/openapi-types.js";
import { SchemaView } from "../openapi/schema-view.js";
import { isJsonObject } from "../operation/json.js";
import { RouteLines } from "./route-lines.js";
import { type SchemaUsage, usageText } from "./schema-usage.js";
import classes from "./schemas.module.css";

export interface SchemaListProps {
  readonly schemas: readonly SchemaUsage[];
  /** Of the API, for references among them. */
  readonly all: unknown;
}

export function SchemaList({ schemas, all }: SchemaListProps) {
  const document = useMemo(() => ({ components: { schemas: all } }), [all]);
  const { hash } = useLocation();
  const named = decodeURIComponent(hash.slice(1));
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (named === "") return;
    const target = list.current?.querySelector<HTMLDetailsElement>(
      `[data-schema="${CSS.escape(named)}"] > details`,
    );
    if (target == null) return;
    target.open = true;
    target.scrollIntoView({ block: "start" });
    target.querySelector("summary")?.focus({ preventScroll: true });
  }, [named]);
  return (
    <div ref={list}>
      {schemas.map((usage) => (
        <div key={usage.name} className={classes.row} data-schema={usage.name}>
          <Disclosure
            className={classes.schema}
            summary={
              <>
                <code className={classes.name}>{usage.name}</code>
                <span className={classes.kind}>{kindOf(usage.schema)}</span>
                <span className={classes.usage}>{usageText(usage)}</span>
              </>
            }
          >
            {() => (
              <div className={classes.body}>
                <SchemaView document={document} schema={asSchema(usage.schema)} />
                <Uses usage={usage} />
              </div>
            )}
          </Disclosure>
        </div>
      ))}
    </div>
  );
}

function Uses({ usage: { routes, schemas } }: { readonly usage: SchemaUsage }) {
  return (
    <>
      {routes.length > 0 && (
        <section>
          <h3 className={classes.small}>Operations</h3>
          <RouteLines routes={routes} />
        </section>
      )}
      {schemas.length > 0 && (
        <section>
          <h3 className={classes.small}>Schemas</h3>
          <ul className={classes.schemas}>
            {schemas.map((name) => (
              <li key={name}>
                <Link to={{ hash: encodeURIComponent(name) }} preventScrollReset>
                  {name}
                </Link>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

/** `object, 3 properties` */
function kindOf(schema: unknown): string {
  if (!isJsonObject(schema)) return schema === false ? "no value" : "any value";
  const { type, properties, enum: values } = schema;
  const name = Array.isArray(type)
    ? type.join(" or ")
    : typeof type === "string"
      ? type
      : properties !== undefined
        ? "object"
        : (["allOf", "oneOf", "anyOf"].find((keyword) => schema[keyword] !== undefined) ?? "any value");
  const count = isJsonObject(properties) ? Object.keys(properties).length : 0;
  if (count > 0) return `${name}, ${count === 1 ? "1 property" : `${count} properties`}`;
  return Array.isArray(values)
    ? `${name}, ${values.length === 1 ? "1 value" : `${values.length} values`}`
    : name;
}

function asSchema(schema: unknown): Schema {
  return isJsonObject(schema) ? (schema as Schema) : {};
}
