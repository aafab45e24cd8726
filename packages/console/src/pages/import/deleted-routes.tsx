/** The routes that `replace` deletes. All of them: nobody should find out afterwards. */
import { MethodBadge } from "../../ui/method-badge.js";
import classes from "./deleted-routes.module.css";
import type { Import } from "./use-import.js";

export function DeletedRoutes({ made }: { readonly made: Import }) {
  const deleted = made.rows.filter((row) => row.fate === "REMOVED");
  if (made.preview.isFresh && deleted.length === 0)
    return <p className={classes.deletedNone}>No route is deleted: the document has them all.</p>;
  if (deleted.length === 0) return null;
  return (
    <section className={classes.deleted} aria-label="Routes to delete">
      <strong>
        {deleted.length === 1
          ? "1 route is deleted"
          : `${deleted.length.toLocaleString("en")} routes are deleted`}
      </strong>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and must do so by keyboard */}
      <ul tabIndex={0} aria-label="Routes to delete">
        {deleted.map((row) => (
          <li key={row.key}>
            <MethodBadge method={row.method} compact />
            <code className="lk-break">{row.path}</code>
          </li>
        ))}
      </ul>
    </section>
  );
}
