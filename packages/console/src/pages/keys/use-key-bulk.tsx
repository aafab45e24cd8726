/** What can be done with several keys of an API at once. */
import type { BulkAction } from "../../ui/bulk-bar.js";
import { Icon } from "../../ui/icon.js";
import { runEach } from "../../ui/run-each.js";
import type { KeyRow } from "./key-form-state.js";
import type { KeyActions } from "./use-key-actions.js";

const noun = ["key", "keys"] as const;

export function useKeyBulk(actions: KeyActions): readonly BulkAction<KeyRow>[] {
  const setActive = (active: boolean) => (keys: readonly KeyRow[]) =>
    runEach({
      items: keys.filter((key) => key.active !== active),
      noun,
      done: active ? "enabled" : "disabled",
      run: (key) => actions.setActive(key, active),
      undo: (key) => actions.setActive(key, !active),
    });
  return [
    {
      label: "Disable",
      icon: <Icon name="ban" size={14} />,
      isShown: (keys) => keys.some((key) => key.active),
      run: setActive(false),
    },
    {
      label: "Enable",
      icon: <Icon name="check" size={14} />,
      isShown: (keys) => keys.some((key) => !key.active),
      run: setActive(true),
    },
    {
      label: "Delete",
      icon: <Icon name="trash" size={14} />,
      isDangerous: true,
      question: (keys) => ({
        title: keys.length === 1 ? `Delete “${keys[0]?.name}”?` : `Delete ${keys.length} keys?`,
        text: "Requests with them are refused as unknown. This cannot be undone. To stop clients for a while, disable their keys instead.",
      }),
      run: (keys) => runEach({ items: keys, noun, done: "deleted", run: actions.remove }),
    },
  ];
}
