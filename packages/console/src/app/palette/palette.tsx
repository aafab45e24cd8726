/**
 * The palette: finds APIs, routes, integrations and keys on the server, and pages and actions here. The dialog is
 * Spotlight's; the list follows the combobox pattern of ARIA, so that it is read out and used by keyboard alone.
 */
import { Combobox, useCombobox } from "@mantine/core";
import { Spotlight, spotlight } from "@mantine/spotlight";
import "@mantine/spotlight/styles.css";
import { useEffect, useLayoutEffect, useState } from "react";
import { useNavigate } from "react-router";
import { requestSignOut } from "../../session/sign-out-button.js";
import { Icon } from "../../ui/icon.js";
import { useScheme } from "../theme-switch.js";
import classes from "./palette.module.css";
import { type PaletteEntry, paletteGroups, searchText } from "./palette-entries.js";
import { PaletteList } from "./palette-list.js";
import { usePaletteSearch } from "./use-palette-search.js";

export function Palette({ openings }: { readonly openings: number }) {
  const [typed, setTyped] = useState("");
  // biome-ignore lint/correctness/useExhaustiveDependencies: opens anew with each request
  useEffect(() => spotlight.open(), [openings]);
  return (
    <Spotlight.Root
      query={typed}
      onQueryChange={setTyped}
      shortcut={null}
      size={640}
      lockScroll={false}
      // At once: while it closed, Ctrl+K opened nothing, and what was typed next was lost.
      transitionProps={{ duration: 0 }}
      overlayProps={{ backgroundOpacity: 0.35, blur: 0 }}
      attributes={{ content: { "aria-label": "Search" } }}
      classNames={{ content: classes.content ?? "" }}
    >
      <PaletteContent typed={typed} onType={setTyped} />
    </Spotlight.Root>
  );
}

interface PaletteContentProps {
  readonly typed: string;
  readonly onType: (text: string) => void;
}

function PaletteContent({ typed, onType }: PaletteContentProps) {
  const text = searchText(typed);
  const search = usePaletteSearch(text);
  const groups = paletteGroups(text, search);
  const run = useRun();
  const combobox = useCombobox({ opened: true });
  const { selectFirstOption } = combobox;
  // Before the list is painted: an arrow key pressed at once must not be undone.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the first entry is chosen whenever the list is another
  useLayoutEffect(() => {
    selectFirstOption();
  }, [text, search.found]);

  function choose(id: string): void {
    const entry = groups.flatMap(({ entries }) => entries).find((each) => each.id === id);
    if (entry === undefined) return;
    spotlight.close();
    run(entry);
  }

  return (
    <Combobox store={combobox} onOptionSubmit={choose}>
      <div className={classes.head}>
        <Icon name="search" size={18} />
        <Combobox.EventsTarget withExpandedAttribute>
          <input
            className={classes.input}
            data-autofocus
            aria-label="Search APIs, routes, integrations, keys and actions"
            placeholder="Search APIs, routes, integrations, keys and actions"
            value={typed}
            onChange={(event) => onType(event.currentTarget.value)}
            onKeyDown={(event) => {
              // The list keeps Escape from the dialog.
              if (event.key === "Escape") spotlight.close();
            }}
            autoComplete="off"
            spellCheck={false}
          />
        </Combobox.EventsTarget>
      </div>
      <PaletteList groups={groups} state={search.state} text={text} />
      <p className={classes.foot} aria-hidden="true">
        <span>
          <kbd>↑</kbd> <kbd>↓</kbd> to choose
        </span>
        <span>
          <kbd>Enter</kbd> to open
        </span>
        <span>
          <kbd>Esc</kbd> to close
        </span>
      </p>
    </Combobox>
  );
}

function useRun(): (entry: PaletteEntry) => void {
  const navigate = useNavigate();
  const { setScheme } = useScheme();
  return ({ to, action }) => {
    if (to !== null) void navigate(to);
    else if (action === "signOut") requestSignOut();
    else if (action === "theme:light") setScheme("light");
    else if (action === "theme:dark") setScheme("dark");
    else if (action === "theme:auto") setScheme("auto");
  };
}
