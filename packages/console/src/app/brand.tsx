/** The product's mark and name. */
import classes from "./brand.module.css";

export function Brand({ size = 26 }: { readonly size?: number }) {
  return (
    <span className={classes.brand}>
      <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
        <rect width="32" height="32" rx="7" className={classes.ground} />
        <g className={classes.key}>
          <circle cx="11.5" cy="16" r="4.6" />
          <path d="M16.1 16H26v4.4M21.6 16v3.2" />
        </g>
      </svg>
      <span className={classes.name}>Latchkey</span>
    </span>
  );
}
