/** The pages of a Relay connection: newer and older by cursor, never by offset. The cursor stands in the address. */
import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { type Extent, extentText, type PageInfo } from "./extent.js";
import { Icon } from "./icon.js";
import classes from "./pager.module.css";
import type { PageMove } from "./use-list-params.js";

export interface PagerProps {
  readonly pageInfo: PageInfo;
  readonly extent: Extent;
  readonly pageSize: number;
  /** For one and for several: `API`, `APIs`. */
  readonly noun: readonly [string, string];
  readonly onPage: (move: PageMove) => void;
  /** At the end of the row. */
  readonly children?: ReactNode;
}

export function Pager({ pageInfo, extent, pageSize, noun, onPage, children }: PagerProps) {
  const { startCursor, endCursor } = pageInfo;
  const hasPages = pageInfo.hasNextPage || pageInfo.hasPreviousPage;
  return (
    <nav className={classes.pager} aria-label={`Pages of ${noun[1]}`}>
      <span className={classes.count} role="status">
        {extentText(extent, noun)}
      </span>
      {hasPages && (
        <span className={classes.buttons}>
          <Button
            size="xs"
            variant="default"
            leftSection={<Icon name="chevron-left" size={14} />}
            disabled={!pageInfo.hasPreviousPage || startCursor == null}
            onClick={() =>
              startCursor != null &&
              onPage({ before: startCursor, from: Math.max(1, extent.from - pageSize) })
            }
          >
            Previous
          </Button>
          <Button
            size="xs"
            variant="default"
            rightSection={<Icon name="chevron-right" size={14} />}
            disabled={!pageInfo.hasNextPage || endCursor == null}
            onClick={() =>
              endCursor != null && onPage({ after: endCursor, from: extent.from + extent.shown })
            }
          >
            Next
          </Button>
        </span>
      )}
      {children}
    </nav>
  );
}
