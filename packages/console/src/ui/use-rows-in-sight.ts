/** Which rows of a list are mounted: all of a short one; of a long one those in sight and the one in focus. */
import { defaultRangeExtractor, useWindowVirtualizer } from "@tanstack/react-virtual";
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

/** Shorter lists are mounted whole. */
const WHOLE_MAX = 40;
const OVERSCAN = 6;

export interface ListRow {
  readonly key: string;
}

export interface RowInSight<Row> {
  readonly row: Row;
  readonly index: number;
  /** From the list's top; null: in the flow of the page. */
  readonly offset: number | null;
  readonly measure?: (element: HTMLLIElement | null) => void;
}

export interface RowsInSight<Row> {
  readonly list: RefObject<HTMLOListElement | null>;
  readonly inSight: readonly RowInSight<Row>[];
  /** Of the whole list; null: what its rows take. */
  readonly height: number | null;
  /** Moves the focus to a part of a row (`path`, `up`) once the row is there. */
  readonly focusOn: (part: string, key: string) => void;
  /** Brings a row of a long list into sight. */
  readonly scrollTo: (index: number) => void;
}

/** `rowHeight`: about, in pixels; rows are measured once they are mounted. */
export function useRowsInSight<Row extends ListRow>(
  rows: readonly Row[],
  rowHeight: number,
): RowsInSight<Row> {
  const list = useRef<HTMLOListElement>(null);
  const wanted = useRef<{ readonly part: string; readonly key: string } | null>(null);
  const focused = useFocusedRow(list);
  const isWhole = rows.length <= WHOLE_MAX;
  const virtual = useWindowVirtualizer({
    count: isWhole ? 0 : rows.length,
    estimateSize: () => rowHeight,
    overscan: OVERSCAN,
    scrollMargin: useTop(list),
    getItemKey: (index) => rows[index]?.key ?? index,
    rangeExtractor: (range) => {
      const indexes = defaultRangeExtractor(range);
      const isKept = focused !== null && focused < rows.length && !indexes.includes(focused);
      return isKept ? [...indexes, focused].sort((a, b) => a - b) : indexes;
    },
  });

  // Runs after every render: a row that is far away is mounted only after the page was scrolled to it. In the commit
  // itself: an effect that is put off can run between a click and its render, when the row that it added is not there.
  useLayoutEffect(() => {
    if (wanted.current === null) return;
    const { part, key } = wanted.current;
    const target = list.current?.querySelector<HTMLElement>(`[data-focus="${part}-${CSS.escape(key)}"]`);
    const index = rows.findIndex((row) => row.key === key);
    if (target == null && index >= 0 && !isWhole) return virtual.scrollToIndex(index, { align: "center" });
    wanted.current = null;
    target?.focus();
  });

  const focusOn = useCallback((part: string, key: string) => {
    wanted.current = { part, key };
  }, []);

  const inSight = isWhole
    ? rows.map((row, index) => ({ row, index, offset: null }))
    : virtual.getVirtualItems().flatMap(({ index, start }) => {
        const row = rows[index];
        const offset = start - virtual.options.scrollMargin;
        return row === undefined ? [] : [{ row, index, offset, measure: virtual.measureElement }];
      });
  return {
    list,
    inSight,
    height: isWhole ? null : virtual.getTotalSize(),
    focusOn,
    scrollTo: (index) => {
      if (!isWhole) virtual.scrollToIndex(index, { align: "center" });
    },
  };
}

/** The list's distance from the page's top, also after something above it has opened. */
function useTop(list: RefObject<HTMLOListElement | null>): number {
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    const measure = () => {
      const box = list.current?.getBoundingClientRect();
      if (box !== undefined) setTop(Math.round(box.top + window.scrollY));
    };
    measure();
    // Whatever opens above the list changes the page's height.
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, [list]);
  return top;
}

/** Index of the row that has the focus. */
function useFocusedRow(list: RefObject<HTMLOListElement | null>): number | null {
  const [focused, setFocused] = useState<number | null>(null);
  useEffect(() => {
    const element = list.current;
    if (element === null) return;
    function onFocusIn(event: FocusEvent): void {
      const row = (event.target as HTMLElement).closest<HTMLElement>("li[data-index]");
      setFocused(row === null ? null : Number(row.dataset.index));
    }
    element.addEventListener("focusin", onFocusIn);
    return () => element.removeEventListener("focusin", onFocusIn);
  }, [list]);
  return focused;
}
