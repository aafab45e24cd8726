/** Tabs that are pages of their own: links with an address, not a widget. */
import { useEffect, useRef } from "react";
import { NavLink, useLocation } from "react-router";
import classes from "./tabs.module.css";

export interface TabLink {
  readonly to: string;
  readonly label: string;
  readonly count?: number;
  readonly end?: boolean;
}

export function Tabs({ label, links }: { readonly label: string; readonly links: readonly TabLink[] }) {
  const nav = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  // Where not all fit, the current one is in sight. Not `scrollIntoView`, which would scroll the page as well.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the address says which one is current
  useEffect(() => {
    const current = nav.current?.querySelector('[aria-current="page"]');
    if (current instanceof HTMLElement)
      nav.current?.scrollTo({ left: current.offsetLeft - current.offsetWidth });
  }, [pathname]);
  return (
    <nav ref={nav} className={classes.tabs} aria-label={label}>
      {links.map((link) => (
        <NavLink key={link.to} to={link.to} end={link.end ?? false} className={classes.tab ?? ""}>
          {link.label}
          {link.count !== undefined && <span className={classes.count}>{link.count}</span>}
        </NavLink>
      ))}
    </nav>
  );
}
