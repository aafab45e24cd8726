/** The frame of a page: title (which gets the focus on a change of page), description, actions, content. */
import { type ReactNode, useEffect } from "react";
import { Link } from "react-router";
import classes from "./page.module.css";

export interface PageProps {
  readonly title: string;
  /** Of the tab that is shown, before the title in the window's. */
  readonly tab?: string;
  readonly description?: ReactNode;
  readonly actions?: ReactNode;
  /** The page above, shown as a link before the title. */
  readonly parent?: { readonly to: string; readonly label: string };
  /** Right after the title: leads to another one of its kind. */
  readonly switcher?: ReactNode;
  /** Beside the title: badges. */
  readonly badges?: ReactNode;
  readonly tabs?: ReactNode;
  readonly children: ReactNode;
}

export function Page({
  title,
  tab,
  description,
  actions,
  parent,
  switcher,
  badges,
  tabs,
  children,
}: PageProps) {
  useEffect(() => {
    document.title = [tab, title, "Latchkey"].filter((part) => part !== undefined).join(" · ");
  }, [title, tab]);
  return (
    <div className={classes.page}>
      <header className={classes.header}>
        <div className={classes.headline}>
          {parent !== undefined && (
            <nav className={classes.parent} aria-label="Breadcrumb">
              <Link to={parent.to}>{parent.label}</Link>
              <span aria-hidden="true">/</span>
            </nav>
          )}
          <div className={classes.titleRow}>
            <h1 className={classes.title} tabIndex={-1} id="page-title">
              <bdi>{title}</bdi>
            </h1>
            {switcher}
            {badges}
          </div>
          {description !== undefined && <div className={classes.description}>{description}</div>}
        </div>
        {actions !== undefined && <div className={classes.actions}>{actions}</div>}
      </header>
      {tabs}
      {children}
    </div>
  );
}

/** A surface with a border: what tables and forms stand on. */
export function Panel({
  title,
  actions,
  children,
  padded = true,
  description,
}: {
  readonly title?: string;
  readonly description?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
  readonly padded?: boolean;
}) {
  return (
    <section className={classes.panel} aria-label={title}>
      {(title !== undefined || actions !== undefined) && (
        <div className={classes.panelHead}>
          <div>
            <h2 className={classes.panelTitle}>{title}</h2>
            {description !== undefined && <div className={classes.description}>{description}</div>}
          </div>
          {actions !== undefined && <div className={classes.actions}>{actions}</div>}
        </div>
      )}
      <div className={padded ? classes.panelBody : undefined}>{children}</div>
    </section>
  );
}
