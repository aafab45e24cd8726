/** A JSON Schema as people read it: names, types, bounds, nested on demand. Cycles end at their name. */
import type { Schema } from "./openapi-types.js";
import { refName, resolveRef } from "./resolve-ref.js";
import { boundsOf } from "./schema-bounds.js";
import classes from "./schema-view.module.css";

const DEPTH_OPEN = 2;
const DEPTH_MAX = 24;

export interface SchemaViewProps {
  readonly document: unknown;
  readonly schema: Schema;
  readonly depth?: number;
  /** Names of the references on the way here. */
  readonly seen?: readonly string[];
}

export function SchemaView({ document, schema: given, depth = 0, seen = [] }: SchemaViewProps) {
  const ref = given.$ref;
  if (ref !== undefined && (seen.includes(ref) || depth > DEPTH_MAX))
    return <span className={classes.type}>{refName(ref)} (as above)</span>;
  const schema = resolveRef(document, given);
  const nested = { document, depth: depth + 1, seen: ref === undefined ? seen : [...seen, ref] };
  const properties = Object.entries(schema.properties ?? {});
  const variants = schema.oneOf ?? schema.anyOf ?? schema.allOf ?? [];
  return (
    <div className={classes.schema}>
      <SchemaLine schema={schema} name={ref === undefined ? undefined : refName(ref)} />
      {properties.length > 0 && (
        <details open={depth < DEPTH_OPEN} className={classes.nested}>
          <summary>{properties.length === 1 ? "1 property" : `${properties.length} properties`}</summary>
          <dl className={classes.properties}>
            {properties.map(([name, property]) => (
              <div key={name} className={classes.property}>
                <dt>
                  <code>{name}</code>
                  {schema.required?.includes(name) === true && (
                    <span className={classes.required}>required</span>
                  )}
                </dt>
                <dd>
                  <SchemaView {...nested} schema={property} />
                </dd>
              </div>
            ))}
          </dl>
        </details>
      )}
      {schema.prefixItems?.map((item, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: an item is its place
        <div key={index} className={classes.nested}>
          <span className={classes.label}>item {index + 1}</span>
          <SchemaView {...nested} schema={item} />
        </div>
      ))}
      {typeof schema.items === "object" && (
        <div className={classes.nested}>
          <span className={classes.label}>
            {schema.prefixItems === undefined ? "each item" : "each further item"}
          </span>
          <SchemaView {...nested} schema={schema.items} />
        </div>
      )}
      {variants.length > 0 && (
        <div className={classes.nested}>
          <span className={classes.label}>
            {schema.oneOf !== undefined ? "one of" : schema.anyOf !== undefined ? "any of" : "all of"}
          </span>
          {variants.map((variant, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the variants have no names and no state
            <SchemaView key={index} {...nested} schema={variant} />
          ))}
        </div>
      )}
    </div>
  );
}

function SchemaLine({ schema, name }: { readonly schema: Schema; readonly name: string | undefined }) {
  const bounds = boundsOf(schema);
  return (
    <div className={classes.line}>
      <span className={classes.type}>
        {[name, typeOf(schema)].filter((part) => part !== undefined).join(" · ")}
      </span>
      {bounds.map((bound) => (
        <code key={bound} className={classes.bound}>
          {bound}
        </code>
      ))}
      {schema.description !== undefined && <span className={classes.description}>{schema.description}</span>}
    </div>
  );
}

function typeOf(schema: Schema): string {
  const types = Array.isArray(schema.type) ? schema.type.join(" or ") : schema.type;
  const base = typeof types === "string" ? types : schema.properties !== undefined ? "object" : "any";
  const format = schema.format === undefined ? "" : ` (${schema.format})`;
  return `${base}${format}${schema.nullable === true ? " or null" : ""}`;
}
