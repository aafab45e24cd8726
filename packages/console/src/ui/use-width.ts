/** The width of an element in pixels, for what is drawn to fit it. */
import { type RefObject, useEffect, useRef, useState } from "react";

const WIDTH_AT_FIRST = 600;
const WIDTH_MIN = 200;

export function useWidth(): { readonly width: number; readonly box: RefObject<HTMLDivElement | null> } {
  const [width, setWidth] = useState(WIDTH_AT_FIRST);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (box.current === null) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined) setWidth(Math.max(WIDTH_MIN, Math.round(entry.contentRect.width)));
    });
    observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
  return { width, box };
}
