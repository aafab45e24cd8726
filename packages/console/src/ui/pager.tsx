/** The pages of a Relay connection: newer and older by cursor, never by offset. The cursor stands in the address. */
import { Button } from "@mantine/core";
import { Icon } from "./icon.js";
import classes from "./pager.module.css";

export interface PageInfo {
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly startCursor?: string | null;
  readonly endCursor?: string | null;
}

export interface PagerProps {
  readonly pageInfo: PageInfo;
  readonly shown: number;
  readonly total: number | null;
  /** For one and for several: `API`, `APIs`. */
  readonly noun: readonly [string, string];
  readonly onPage: (move: { readonly after: string } | { readonly before: string }) => void;
}

export function Pager({ pageInfo, shown, total, noun, onPage }: PagerProps) {
  const { startCursor, endCursor } = pageInfo;
  const hasPages = pageInfo.hasNextPage || pageInfo.hasPreviousPage;
  return (
    <nav className={classes.pager} aria-label={`Pages of ${noun[1]}`}>
      <span className={classes.count} role="status">
        {countOf(shown, total, noun)}
      </span>
      {hasPages && (
        <span className={classes.buttons}>
          <Button
            size="xs"
            variant="default"
            leftSection={<Icon name="left" size={14} />}
            disabled={!pageInfo.hasPreviousPage || startCursor == null}
            onClick={() => startCursor != null && onPage({ before: startCursor })}
          >
            Previous
          </Button>
          <Button
            size="xs"
            variant="default"
            rightSection={<Icon name="right" size={14} />}
            disabled={!pageInfo.hasNextPage || endCursor == null}
            onClick={() => endCursor != null && onPage({ after: endCursor })}
          >
            Next
          </Button>
        </span>
      )}
    </nav>
  );
}

function countOf(shown: number, total: number | null, [one, many]: readonly [string, string]): string {
  if (total === null) return `${shown} ${shown === 1 ? one : many}`;
  if (total > shown) return `${shown} of ${total.toLocaleString("en")} ${many}`;
  return `${total} ${total === 1 ? one : many}`;
}
