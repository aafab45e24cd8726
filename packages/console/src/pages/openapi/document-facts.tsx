/** Where the API of a document is served, and how its clients are authorized. */
import classes from "./document-view.module.css";
import type { OpenApiDocument, SecurityScheme } from "./openapi-types.js";

export function DocumentFacts({ document }: { readonly document: OpenApiDocument }) {
  const servers = document.servers ?? [];
  const security = Object.entries(document.components?.securitySchemes ?? {});
  return (
    <div className={classes.facts}>
      <section aria-label="Servers">
        <h3 className={classes.small}>Servers</h3>
        {servers.map((server) => (
          <code key={server.url} className={classes.server}>
            {server.url}
          </code>
        ))}
        {servers.length === 0 && <span className="lk-muted">None named</span>}
      </section>
      <section aria-label="Authorization">
        <h3 className={classes.small}>Authorization</h3>
        {security.map(([name, scheme]) => (
          <div key={name} className={classes.scheme}>
            <strong>{name}</strong> <span className="lk-muted">{schemeText(scheme)}</span>
          </div>
        ))}
        {security.length === 0 && <span className="lk-muted">None</span>}
      </section>
    </div>
  );
}

function schemeText(scheme: SecurityScheme) {
  if (scheme.type !== "apiKey") return `${scheme.type ?? ""} ${scheme.scheme ?? ""}`;
  return (
    <>
      {scheme.in} <code>{scheme.name}</code>
    </>
  );
}
