/** Tags with their description and the operations that have them. */
import { Disclosure } from "../../ui/disclosure.js";
import { RouteLines } from "./route-lines.js";
import type { TagUsage } from "./schema-usage.js";
import classes from "./schemas.module.css";

export function TagList({ tags }: { readonly tags: readonly TagUsage[] }) {
  return (
    <>
      {tags.map((tag) => (
        <div key={tag.name} className={classes.row}>
          <Disclosure
            className={classes.schema}
            summary={
              <>
                <span className={classes.name}>{tag.name}</span>
                <span className={classes.kind}>{tag.description}</span>
                <span className={classes.usage}>
                  {tag.routes.length === 1 ? "1 operation" : `${tag.routes.length} operations`}
                </span>
              </>
            }
          >
            {() => (
              <div className={classes.body}>
                {tag.routes.length === 0 ? (
                  <p className="lk-muted">No operation has this tag.</p>
                ) : (
                  <RouteLines routes={tag.routes} />
                )}
              </div>
            )}
          </Disclosure>
        </div>
      ))}
    </>
  );
}
