/** Tabs that are pages of their own: links with an address, not a widget. */
import { NavLink } from "react-router";
import classes from "./tabs.module.css";

export interface TabLink {
  readonly to: string;
  readonly label: string;
  readonly count?: number;
  readonly end?: boolean;
}

export function Tabs({ label, links }: { readonly label: string; readonly links: readonly TabLink[] }) {
  return (
    <nav className={classes.tabs} aria-label={label}>
      {links.map((link) => (
        <NavLink key={link.to} to={link.to} end={link.end ?? false} className={classes.tab ?? ""}>
          {link.label}
          {link.count !== undefined && <span className={classes.count}>{link.count}</span>}
        </NavLink>
      ))}
    </nav>
  );
}
