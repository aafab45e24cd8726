/** The entry of a menu that destroys something: red with enough contrast in both themes. */
import { Menu } from "@mantine/core";
import classes from "./danger-item.module.css";
import { Icon, type IconName } from "./icon.js";

export interface DangerItemProps {
  readonly icon: IconName;
  readonly onClick: () => void;
  readonly children: string;
}

export function DangerItem({ icon, onClick, children }: DangerItemProps) {
  return (
    <Menu.Item className={classes.item ?? ""} leftSection={<Icon name={icon} />} onClick={onClick}>
      {children}
    </Menu.Item>
  );
}
