/** The console's icons, all of Tabler's set. Decoration only; whoever uses one gives the accessible name. */
import {
  IconActivity,
  IconAlertTriangle,
  IconArrowDown,
  IconArrowUp,
  IconBook,
  IconBuilding,
  IconCheck,
  IconChevronLeft,
  IconChevronRight,
  IconCode,
  IconCopy,
  IconDots,
  IconDownload,
  IconGauge,
  IconGripVertical,
  IconHistory,
  IconInfoCircle,
  IconKey,
  IconLayoutDashboard,
  IconListSearch,
  IconLock,
  IconMenu2,
  IconPencil,
  IconPlayerPlay,
  IconPlugConnected,
  IconPlus,
  IconRefresh,
  IconSearch,
  IconSend,
  IconServer2,
  IconTrash,
  IconX,
} from "@tabler/icons-react";

const icons = {
  home: IconLayoutDashboard,
  api: IconCode,
  integration: IconPlugConnected,
  credential: IconLock,
  subscription: IconBuilding,
  node: IconServer2,
  activity: IconHistory,
  traffic: IconActivity,
  request: IconListSearch,
  key: IconKey,
  play: IconPlayerPlay,
  plus: IconPlus,
  trash: IconTrash,
  up: IconArrowUp,
  down: IconArrowDown,
  grip: IconGripVertical,
  dots: IconDots,
  search: IconSearch,
  copy: IconCopy,
  check: IconCheck,
  cross: IconX,
  download: IconDownload,
  book: IconBook,
  menu: IconMenu2,
  left: IconChevronLeft,
  right: IconChevronRight,
  refresh: IconRefresh,
  warning: IconAlertTriangle,
  info: IconInfoCircle,
  edit: IconPencil,
  limit: IconGauge,
  send: IconSend,
} as const;

export type IconName = keyof typeof icons;

export interface IconProps {
  readonly name: IconName;
  /** Pixels; 16 by default. */
  readonly size?: number;
}

export function Icon({ name, size = 16 }: IconProps) {
  const Tabler = icons[name];
  return <Tabler size={size} stroke={1.75} aria-hidden="true" focusable="false" />;
}
