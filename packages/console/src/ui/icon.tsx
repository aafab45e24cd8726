/** The console's icons: strokes on a 24 × 24 grid. Decoration only; whoever uses one gives the accessible name. */

const paths = {
  api: "M8 4 3 12l5 8M16 4l5 8-5 8M13.5 6.5l-3 11",
  integration: "M4 7h6v6H4zM14 11h6v6h-6zM10 10h2a2 2 0 0 1 2 2v0M7 13v4h7",
  subscription: "M4 6h16v12H4zM4 10h16M8 14.5h4",
  node: "M4 5h16v6H4zM4 13h16v6H4zM7.5 8h.01M7.5 16h.01M11 8h5M11 16h5",
  activity: "M12 7v5l3.5 2M12 3a9 9 0 1 1-8.5 6M3 4v5h5",
  traffic: "M3 12h4l3-8 4 16 3-8h4",
  sandbox: "M3 12h5M8 12l4-6h9M8 12l4 6h9M18.5 3.5 21 6l-2.5 2.5M18.5 15.5 21 18l-2.5 2.5",
  key: "M8 9.5a4.5 4.5 0 1 1 0 5 4.5 4.5 0 0 1 0-5zM12.5 12H21v4M17 12v3",
  play: "M7 4.5v15l12-7.5z",
  plus: "M12 5v14M5 12h14",
  trash: "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5",
  up: "M12 19V5M6 11l6-6 6 6",
  down: "M12 5v14M6 13l6 6 6-6",
  grip: "M9 6h.01M15 6h.01M9 12h.01M15 12h.01M9 18h.01M15 18h.01",
  dots: "M5 12h.01M12 12h.01M19 12h.01",
  search: "M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13zM15.5 15.5 21 21",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  check: "M5 12.5l4.5 4.5L19 7",
  cross: "M6 6l12 12M18 6 6 18",
  download: "M12 4v11M7 11l5 5 5-5M4 20h16",
  book: "M5 4h6a2 2 0 0 1 2 2v14a2 2 0 0 0-2-2H5zM13 6a2 2 0 0 1 2-2h4v14h-4a2 2 0 0 0-2 2",
  sun: "M12 8a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.4 1.4M17.6 17.6 19 19M5 19l1.4-1.4M17.6 6.4 19 5",
  moon: "M20 14.5A8 8 0 0 1 9.5 4 8 8 0 1 0 20 14.5z",
  signOut: "M14 4h5v16h-5M10 8l-4 4 4 4M6 12h9",
  menu: "M4 6h16M4 12h16M4 18h16",
  left: "M15 5l-7 7 7 7",
  right: "M9 5l7 7-7 7",
  refresh: "M20 11a8 8 0 0 0-14.5-4L4 9M4 4v5h5M4 13a8 8 0 0 0 14.5 4L20 15M20 20v-5h-5",
  warning: "M12 4 2.5 20h19zM12 10v4M12 17h.01",
  info: "M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18zM12 11v5M12 8h.01",
  eye: "M2 12s4-7 10-7 10 7 10 7-4 7-10 7S2 12 2 12zM12 9a3 3 0 1 1 0 6 3 3 0 0 1 0-6z",
  edit: "M4 20h4L19 9l-4-4L4 16zM13 7l4 4",
  link: "M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.7-5.7L12 7M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.7 5.7L12 17",
  send: "M21 3 10 14M21 3l-7 18-4-7-7-4z",
  clock: "M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18zM12 7v5l3.5 2",
  swap: "M7 4 3 8l4 4M3 8h14M17 12l4 4-4 4M21 16H7",
} as const;

export type IconName = keyof typeof paths;

export interface IconProps {
  readonly name: IconName;
  /** Pixels; 16 by default. */
  readonly size?: number;
}

export function Icon({ name, size = 16 }: IconProps) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={name === "dots" || name === "grip" ? 2.6 : 1.8}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={paths[name]} />
    </svg>
  );
}
