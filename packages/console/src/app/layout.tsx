/** The frame around every page: navigation at the side (a drawer on small screens), the page in the middle. */
import { ActionIcon, Drawer } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { Link, NavLink, Outlet, useLocation } from "react-router";
import { SignOutButton } from "../session/sign-out-button.js";
import { useSession } from "../session/use-session.js";
import { Icon, type IconName } from "../ui/icon.js";
import { Brand } from "./brand.js";
import { ConnectionNotice } from "./connection-notice.js";
import { DatabaseNotice } from "./database-notice.js";
import { FleetStatus } from "./fleet-status.js";
import classes from "./layout.module.css";
import { PaletteButton, PaletteLauncher } from "./palette-launcher.js";
import { ThemeSwitch } from "./theme-switch.js";

interface NavItem {
  readonly to: string;
  readonly label: string;
  readonly icon: IconName;
}

/** By what one comes for: the first group has no title. */
const groups: readonly { readonly title: string | null; readonly links: readonly NavItem[] }[] = [
  { title: null, links: [{ to: "/", label: "Overview", icon: "layout-dashboard" }] },
  {
    title: "Configure",
    links: [
      { to: "/apis", label: "APIs", icon: "code" },
      { to: "/integrations", label: "Integrations", icon: "plug-connected" },
      { to: "/credentials", label: "Credentials", icon: "lock" },
      { to: "/subscriptions", label: "Subscriptions", icon: "building" },
    ],
  },
  {
    title: "Observe",
    links: [
      { to: "/traffic", label: "Traffic", icon: "activity" },
      { to: "/requests", label: "Requests", icon: "list-search" },
      { to: "/nodes", label: "Nodes", icon: "server-2" },
      { to: "/activity", label: "Activity", icon: "history" },
    ],
  },
];

export function Layout() {
  const [open, setOpen] = useState(false);
  const { pathname } = useLocation();
  const isFirst = useRef(true);

  // A reader hears the new page: the focus goes to its title, except on the first load.
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs on a change of page only
  useEffect(() => {
    setOpen(false);
    if (isFirst.current) {
      isFirst.current = false;
      return;
    }
    if (document.activeElement === document.body || document.activeElement?.closest("nav") !== null)
      document.getElementById("page-title")?.focus({ preventScroll: true });
  }, [pathname]);

  return (
    <div className={classes.root}>
      <a className={classes.skip} href="#content">
        Skip to the content
      </a>
      <header className={classes.topBar}>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          aria-label="Open the navigation"
          onClick={() => setOpen(true)}
        >
          <Icon name="menu-2" size={20} />
        </ActionIcon>
        <Link to="/" className={classes.home} aria-label="Latchkey, to the overview">
          <Brand size={24} />
        </Link>
        <PaletteButton isCompact />
      </header>
      <aside className={classes.sidebar}>
        <Sidebar />
      </aside>
      <Drawer
        opened={open}
        onClose={() => setOpen(false)}
        size={264}
        title={<Brand size={24} />}
        closeButtonProps={{ "aria-label": "Close the navigation" }}
      >
        <div className={classes.drawer}>
          <Sidebar inDrawer />
        </div>
      </Drawer>
      <PaletteLauncher />
      <main className={classes.content} id="content" tabIndex={-1}>
        <div className={classes.notices}>
          <ConnectionNotice />
          <DatabaseNotice />
        </div>
        <Outlet />
      </main>
    </div>
  );
}

function Sidebar({ inDrawer = false }: { readonly inDrawer?: boolean }) {
  const session = useSession();
  return (
    <>
      {!inDrawer && (
        <Link to="/" className={classes.home} aria-label="Latchkey, to the overview">
          <Brand />
        </Link>
      )}
      <PaletteButton />
      <nav className={classes.nav} aria-label="Main">
        {groups.map(({ title, links }) => (
          <div key={title} className={classes.group}>
            {title !== null && <p className={classes.groupTitle}>{title}</p>}
            {links.map((link) => (
              <NavLink key={link.to} to={link.to} end={link.to === "/"} className={classes.link ?? ""}>
                <Icon name={link.icon} size={18} />
                {link.label}
              </NavLink>
            ))}
          </div>
        ))}
      </nav>
      <div className={classes.foot}>
        <FleetStatus />
        <ThemeSwitch />
        <div className={classes.account}>
          <Link to="/sessions" className={classes.actor} title="Sessions: who is signed in">
            {session.kind === "signedIn" || session.kind === "expired" ? session.actor : ""}
          </Link>
          <SignOutButton />
        </div>
      </div>
    </>
  );
}
