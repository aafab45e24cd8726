/** What an operation says of request bodies and responses, to read. Changed as JSON. */
import { Tag, type Tone } from "../../ui/tag.js";
import { refName } from "../openapi/resolve-ref.js";
import { asObject, isJsonObject, type JsonObject } from "./json.js";
import type { Operation } from "./operation.js";
import classes from "./operation.module.css";

export function OperationMessages({ operation }: { readonly operation: Operation | null }) {
  const { requestBody, responses } = operation ?? {};
  const statuses = Object.entries(asObject(responses));
  if (requestBody === undefined && statuses.length === 0) return null;
  const body = asObject(requestBody);
  return (
    <dl className={classes.messages}>
      {requestBody !== undefined && (
        <Message
          name="Request body"
          tone="neutral"
          note={body.required === true ? "required" : ""}
          message={body}
        />
      )}
      {statuses.map(([status, response]) => (
        <Message key={status} name={status} tone={toneOf(status)} note="" message={asObject(response)} />
      ))}
    </dl>
  );
}

interface MessageProps {
  readonly name: string;
  readonly tone: Tone;
  readonly note: string;
  readonly message: JsonObject;
}

function Message({ name, tone, note, message }: MessageProps) {
  const media = Object.entries(asObject(message.content));
  const { description } = message;
  return (
    <div className={classes.message}>
      <dt>
        <Tag tone={tone}>{name}</Tag>
        {note !== "" && <span className="lk-muted"> {note}</span>}
      </dt>
      <dd>
        {typeof description === "string" && description !== "" && <span>{description}</span>}
        {media.map(([type, value]) => (
          <span key={type} className={classes.media}>
            <code>{type}</code> {schemaText(asObject(value).schema)}
          </span>
        ))}
        {media.length === 0 && <span className="lk-muted">No body</span>}
      </dd>
    </div>
  );
}

/** A shared schema by its name, another one by its kind. */
function schemaText(schema: unknown): string {
  if (!isJsonObject(schema)) return "";
  const { $ref: ref, type, items, properties } = schema;
  if (typeof ref === "string") return refName(ref);
  if (type === "array") return `list of ${schemaText(items) || "any value"}`;
  if (typeof type === "string") return type;
  if (Array.isArray(type)) return type.join(" or ");
  return properties === undefined ? "any value" : "object";
}

function toneOf(status: string): Tone {
  if (status.startsWith("2")) return "ok";
  return status.startsWith("4") || status.startsWith("5") ? "bad" : "neutral";
}
