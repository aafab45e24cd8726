/** Icons of Tabler's set, by its names (scripts/icons.mjs lists them). Decoration only: the user of one gives the accessible name. */
import { iconPaths } from "../gen/icons.js";

export type IconName = keyof typeof iconPaths;

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
      strokeWidth={1.75}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {iconPaths[name].map((path) => (
        <path key={path} d={path} />
      ))}
    </svg>
  );
}
