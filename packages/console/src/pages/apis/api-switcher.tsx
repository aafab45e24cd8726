/** Switches to another API and stays on the same page of it. Searched on the server; the list says when there are more. */
import { ActionIcon, Combobox, Loader, useCombobox } from "@mantine/core";
import { useState } from "react";
import { useLocation, useNavigate } from "react-router";
import { Icon } from "../../ui/icon.js";
import classes from "./api-switcher.module.css";
import { samePageOf } from "./same-page.js";
import { useApiSearch } from "./use-api-search.js";

export function ApiSwitcher({ apiId }: { readonly apiId: string }) {
  const navigate = useNavigate();
  const location = useLocation();
  const [search, setSearch] = useState("");
  const combobox = useCombobox({
    onDropdownOpen: () => combobox.focusSearchInput(),
    onDropdownClose: () => {
      combobox.resetSelectedOption();
      combobox.focusTarget();
      setSearch("");
    },
  });
  const { apis, total, state } = useApiSearch(search, combobox.dropdownOpened);
  return (
    <Combobox
      store={combobox}
      width={340}
      position="bottom-start"
      transitionProps={{ duration: 80 }}
      onOptionSubmit={(id) => {
        combobox.closeDropdown();
        if (id !== apiId) void navigate(samePageOf(location, apiId, id));
      }}
    >
      <Combobox.Target withAriaAttributes={false}>
        <ActionIcon
          variant="default"
          size={28}
          aria-label="Switch API"
          aria-haspopup="listbox"
          aria-expanded={combobox.dropdownOpened}
          onClick={() => combobox.toggleDropdown()}
        >
          <Icon name="selector" />
        </ActionIcon>
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Search
          value={search}
          onChange={(event) => {
            setSearch(event.currentTarget.value);
            combobox.selectFirstOption();
          }}
          placeholder="Find an API by title or path"
          aria-label="Find an API"
          autoComplete="off"
          spellCheck={false}
        />
        <Combobox.Options className={classes.options ?? ""} tabIndex={0} aria-label="APIs">
          {apis.map((api) => (
            <Combobox.Option
              key={api.id}
              value={api.id}
              active={api.id === apiId}
              className={classes.option ?? ""}
            >
              <bdi className={classes.title}>{api.title}</bdi>
              <bdi className={classes.detail}>{api.subscription.name}</bdi>
            </Combobox.Option>
          ))}
        </Combobox.Options>
        <p className={classes.status} role="status">
          {state === "loading" && apis.length === 0 && <Loader size="xs" aria-label="Loading" />}
          {state === "failed" && "The list could not be loaded."}
          {state === "ready" && apis.length === 0 && "No API matches."}
          {apis.length > 0 && total > apis.length && `${apis.length} of ${total}: type to narrow`}
        </p>
      </Combobox.Dropdown>
    </Combobox>
  );
}
