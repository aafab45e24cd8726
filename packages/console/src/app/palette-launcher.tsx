/** Opens the palette: by ⌘K or Ctrl+K, or by its button. The palette itself is a chunk that is loaded at its first use. */
import { ActionIcon } from "@mantine/core";
import { lazy, Suspense, useEffect, useSyncExternalStore } from "react";
import { Icon } from "../ui/icon.js";
import classes from "./palette-launcher.module.css";

const Palette = lazy(async () => ({ default: (await import("./palette/palette.js")).Palette }));

/** Grows with each opening; 0: never opened. */
let openings = 0;
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function openPalette(): void {
  openings++;
  for (const listener of listeners) listener();
}

const isApple = /Mac|iPhone|iPad/.test(navigator.userAgent);

export function PaletteLauncher() {
  const opened = useSyncExternalStore(subscribe, () => openings);
  useEffect(() => {
    function onKeyDown(event: KeyboardEvent): void {
      if (event.key.toLowerCase() !== "k" || !(isApple ? event.metaKey : event.ctrlKey)) return;
      if (event.altKey || event.shiftKey) return;
      event.preventDefault();
      if (document.querySelector('[role="dialog"]') === null) openPalette();
    }
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, []);
  if (opened === 0) return null;
  return (
    <Suspense fallback={null}>
      <Palette openings={opened} />
    </Suspense>
  );
}

export function PaletteButton({ isCompact = false }: { readonly isCompact?: boolean }) {
  if (isCompact)
    return (
      <ActionIcon variant="subtle" color="gray" size="lg" aria-label="Search" onClick={openPalette}>
        <Icon name="search" size={20} />
      </ActionIcon>
    );
  return (
    <button
      type="button"
      className={classes.button}
      onClick={openPalette}
      aria-keyshortcuts="Control+K Meta+K"
    >
      <Icon name="search" />
      <span className={classes.label}>Search</span>
      <kbd className={classes.keys}>{isApple ? "⌘K" : "Ctrl K"}</kbd>
    </button>
  );
}
