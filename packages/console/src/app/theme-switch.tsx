/** Light, dark, or what the system says. Kept in this browser. */
import { SegmentedControl, useMantineColorScheme } from "@mantine/core";
import { Icon } from "../ui/icon.js";
import classes from "./theme-switch.module.css";

const schemes = [
  { value: "light", label: "Light", icon: "sun" },
  { value: "dark", label: "Dark", icon: "moon" },
  { value: "auto", label: "System", icon: "device-desktop" },
] as const;

type Scheme = (typeof schemes)[number]["value"];

export function useScheme() {
  // keepTransitions: without it the library injects a <style> element, which the page's policy refuses.
  const { colorScheme, setColorScheme } = useMantineColorScheme({ keepTransitions: true });
  return { scheme: colorScheme, setScheme: setColorScheme };
}

export function ThemeSwitch() {
  const { scheme, setScheme } = useScheme();
  return (
    <SegmentedControl
      aria-label="Theme"
      size="xs"
      fullWidth
      className={classes.root ?? ""}
      value={scheme}
      onChange={(value) => setScheme(value as Scheme)}
      data={schemes.map(({ value, label, icon }) => ({
        value,
        label: (
          <span className={classes.label}>
            <Icon name={icon} size={14} />
            {label}
          </span>
        ),
      }))}
    />
  );
}
