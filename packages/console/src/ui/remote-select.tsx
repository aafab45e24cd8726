/**
 * A searchable choice whose options the server gives: thousands are as quick as ten. Keyboard and reader follow the
 * combobox pattern of ARIA. Knows nothing of what it chooses from.
 */
import { Combobox, InputBase, Loader, useCombobox } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { Icon } from "./icon.js";
import classes from "./remote-select.module.css";

export interface Option {
  readonly id: string;
  readonly label: string;
  readonly detail?: string;
}

export interface RemoteSelectProps {
  readonly label: string;
  readonly isLabelHidden?: boolean;
  readonly placeholder?: string;
  readonly description?: string;
  readonly value: Option | null;
  readonly onChange: (option: Option | null) => void;
  readonly error?: string | null;
  readonly isClearable?: boolean;
  readonly isRequired?: boolean;
  readonly isDisabled?: boolean;
  readonly size?: "xs" | "sm";
  /** Takes the focus and opens. */
  readonly isOpenAtFirst?: boolean;
  /** The focus has left, or the list was closed without a choice. */
  readonly onLeave?: () => void;
  /** Asked when the list opens and when the search settles. */
  readonly load: (search: string) => Promise<readonly Option[]>;
  readonly emptyText: string;
}

const SETTLE_MS = 180;

type Loaded =
  | { readonly kind: "loading" }
  | { readonly kind: "failed" }
  | { readonly kind: "ready"; readonly options: readonly Option[] };

export function RemoteSelect(props: RemoteSelectProps) {
  const { label, isLabelHidden = false, value, onChange, load, size = "sm" } = props;
  const [search, setSearch] = useState<string | null>(null);
  const [loaded, setLoaded] = useState<Loaded>({ kind: "loading" });
  const asked = useRef(0);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const combobox = useCombobox({
    onDropdownClose: () => {
      combobox.resetSelectedOption();
      setSearch(null);
    },
    onDropdownOpen: () => ask("", 0),
  });
  useEffect(() => () => clearTimeout(timer.current), []);
  const field = useRef<HTMLInputElement>(null);
  const { isOpenAtFirst = false } = props;
  useEffect(() => {
    if (!isOpenAtFirst) return;
    field.current?.focus();
    field.current?.click();
  }, [isOpenAtFirst]);

  function ask(text: string, afterMs: number): void {
    clearTimeout(timer.current);
    const number = ++asked.current;
    setLoaded({ kind: "loading" });
    timer.current = setTimeout(() => {
      load(text)
        .then((options) => {
          if (number === asked.current) setLoaded({ kind: "ready", options });
        })
        .catch(() => {
          if (number === asked.current) setLoaded({ kind: "failed" });
        });
    }, afterMs);
  }

  const options = loaded.kind === "ready" ? loaded.options : [];
  const isClearShown = props.isClearable === true && value !== null && search === null;
  return (
    <Combobox
      store={combobox}
      onOptionSubmit={(id) => {
        const option = options.find((each) => each.id === id);
        if (option !== undefined) onChange(option);
        combobox.closeDropdown();
      }}
      transitionProps={{ duration: 80 }}
      width="target"
      middlewares={{ size: true }}
    >
      <Combobox.Target withExpandedAttribute autoComplete="off">
        <InputBase
          ref={field}
          size={size}
          className={`${classes.root} ${props.isClearable === true ? classes.filter : ""}`}
          {...(isLabelHidden ? { "aria-label": label } : { label })}
          {...(props.description === undefined ? {} : { description: props.description })}
          withAsterisk={props.isRequired ?? false}
          placeholder={props.placeholder ?? "Choose"}
          value={search ?? value?.label ?? ""}
          disabled={props.isDisabled ?? false}
          error={props.error ?? null}
          onChange={(event) => {
            const text = event.currentTarget.value;
            setSearch(text);
            combobox.openDropdown();
            ask(text, SETTLE_MS);
          }}
          onClick={() => combobox.openDropdown()}
          onFocus={(event) => event.currentTarget.select()}
          onBlur={() => {
            combobox.closeDropdown();
            props.onLeave?.();
          }}
          rightSection={
            isClearShown ? (
              <button
                type="button"
                className={classes.clear}
                aria-label={`Clear ${label}`}
                onMouseDown={(event) => event.preventDefault()}
                onClick={() => onChange(null)}
              >
                <Icon name="x" size={13} />
              </button>
            ) : (
              <Combobox.Chevron />
            )
          }
          rightSectionPointerEvents={isClearShown ? "all" : "none"}
          autoComplete="off"
          spellCheck={false}
          dir="auto"
        />
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Options className={classes.options ?? ""} aria-label={label}>
          {loaded.kind === "loading" && (
            <Combobox.Empty>
              <Loader size="xs" aria-label="Loading" />
            </Combobox.Empty>
          )}
          {loaded.kind === "failed" && <Combobox.Empty>The list could not be loaded.</Combobox.Empty>}
          {loaded.kind === "ready" && options.length === 0 && (
            <Combobox.Empty>{props.emptyText}</Combobox.Empty>
          )}
          {options.map((option) => (
            <Combobox.Option key={option.id} value={option.id} active={option.id === value?.id}>
              <bdi className={classes.label}>{option.label}</bdi>
              {option.detail !== undefined && <bdi className={classes.detail}>{option.detail}</bdi>}
            </Combobox.Option>
          ))}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}
