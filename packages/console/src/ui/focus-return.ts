/**
 * Where the focus goes when a dialog closes: to what had it before, which for a dialog opened from a menu is the menu's
 * button, since the menu's item is gone by then.
 */
import { useCallback, useEffect, useRef } from "react";

/** The last element outside of menus and dialogs that had the focus. */
let lastFocused: HTMLElement | null = null;

document.addEventListener("focusin", ({ target }) => {
  if (target instanceof HTMLElement && target.closest('[role="menu"], [role="dialog"]') === null)
    lastFocused = target;
});

/** A function for when a dialog has closed. Leaves the focus where the user has put it meanwhile. */
export function useFocusReturn(isOpened: boolean): () => void {
  const opener = useRef<HTMLElement | null>(null);
  useEffect(() => {
    if (isOpened) opener.current = lastFocused;
  }, [isOpened]);
  return useCallback(() => {
    const { activeElement } = document;
    if (activeElement !== null && activeElement !== document.body) return;
    const target =
      opener.current?.isConnected === true ? opener.current : document.getElementById("page-title");
    target?.focus({ preventScroll: true });
  }, []);
}
