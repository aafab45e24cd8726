/** Mantine's theme. Colours that differ from Mantine's live in tokens.css, because the page injects no styles. */
import { createTheme, localStorageColorSchemeManager } from "@mantine/core";

export const theme = createTheme({
  primaryColor: "indigo",
  fontFamily: "var(--lk-font)",
  fontFamilyMonospace: "var(--lk-mono)",
  defaultRadius: "sm",
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    // The library's scroll lock injects a <style> element, which the page's policy refuses; base.css locks instead.
    Modal: { defaultProps: { lockScroll: false, transitionProps: { duration: 120 } } },
    Drawer: { defaultProps: { lockScroll: false, transitionProps: { duration: 120 } } },
    // The first entry takes the focus, as the pattern of ARIA has it; a placeholder in a menu is a finding of axe.
    Menu: {
      defaultProps: { shadow: "md", transitionProps: { duration: 80 }, withInitialFocusPlaceholder: false },
    },
    Tooltip: { defaultProps: { openDelay: 300, events: { hover: true, focus: true, touch: false } } },
    // Names and texts are written in any script.
    TextInput: { defaultProps: { dir: "auto" } },
    Textarea: { defaultProps: { dir: "auto" } },
    Select: { defaultProps: { comboboxProps: { transitionProps: { duration: 80 } } } },
  },
});

/** Also read by public/color-scheme.js. */
export const colorSchemeManager = localStorageColorSchemeManager({ key: "latchkey-color-scheme" });
