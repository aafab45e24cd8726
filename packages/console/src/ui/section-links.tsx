/** Leads to the panels of a long page, and shows which of them is in sight. */
import { useReducedMotion } from "@mantine/hooks";
import { useEffect, useRef, useState } from "react";
import classes from "./section-links.module.css";

export interface SectionLinksProps {
  /** Of panels of this page, in their order. The link of one that is not there does nothing. */
  readonly titles: readonly string[];
}

const sectionOf = (title: string): HTMLElement | null =>
  document.querySelector(`main section[aria-label="${CSS.escape(title)}"]`);

export function SectionLinks({ titles }: SectionLinksProps) {
  const current = useSectionInSight(titles);
  const isStill = useReducedMotion();
  const list = useRef<HTMLUListElement>(null);
  const place = current === null ? -1 : titles.indexOf(current);
  useEffect(() => {
    // Not `scrollIntoView`, which would scroll the page as well.
    const item = list.current?.children[place];
    if (item instanceof HTMLElement) list.current?.scrollTo({ left: item.offsetLeft - item.offsetWidth });
  }, [place]);
  return (
    <nav className={classes.sections} aria-label="Sections of this page">
      <ul ref={list}>
        {titles.map((title) => (
          <li key={title}>
            <button
              type="button"
              aria-current={title === current ? "true" : undefined}
              onClick={() => goTo(title, isStill)}
            >
              {title}
            </button>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** The focus goes with it: Tab reaches the section's first field. */
function goTo(title: string, isStill: boolean): void {
  const section = sectionOf(title);
  if (section === null) return;
  section.tabIndex = -1;
  section.focus({ preventScroll: true });
  section.scrollIntoView({ block: "start", behavior: isStill ? "auto" : "smooth" });
}

/** The first one whose end is below the upper quarter of the window; the last one at the end of the page. */
function useSectionInSight(titles: readonly string[]): string | null {
  const [current, setCurrent] = useState<string | null>(titles[0] ?? null);
  useEffect(() => {
    const find = (): void => {
      const { scrollHeight, scrollTop, clientHeight } = document.documentElement;
      const isAtEnd = scrollTop > 0 && scrollHeight - scrollTop - clientHeight < 2;
      const line = isAtEnd ? Number.POSITIVE_INFINITY : window.innerHeight / 4;
      const isBelow = (title: string) => (sectionOf(title)?.getBoundingClientRect().bottom ?? 0) > line;
      setCurrent(titles.find(isBelow) ?? titles.at(-1) ?? null);
    };
    document.addEventListener("scroll", find, { capture: true, passive: true });
    return () => document.removeEventListener("scroll", find, { capture: true });
  }, [titles]);
  return current;
}
