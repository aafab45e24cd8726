/** Adds routes from a list of lines. */
import { Button, Textarea } from "@mantine/core";
import { type FormEvent, useMemo, useState } from "react";
import { Dialog, DialogActions } from "../../ui/dialog.js";
import { newRouteRow, type RouteRow } from "./api-form-state.js";
import { readRouteLines } from "./route-lines.js";
import classes from "./route-tools.module.css";
import { useIntegrationsByName } from "./use-integrations-by-name.js";

const PROBLEMS_SHOWN_MAX = 5;
const EXAMPLE = "GET /orders -> Order intake\nPOST /orders -> Order intake\nANY /files/{path*} -> Files";

export interface PasteRoutesDialogProps {
  /** What was pasted; null: closed. */
  readonly pasted: string | null;
  readonly subscriptionId: string | null;
  readonly onAdd: (rows: readonly RouteRow[]) => void;
  readonly onClose: () => void;
}

export function PasteRoutesDialog({ pasted, ...rest }: PasteRoutesDialogProps) {
  return (
    <Dialog title="Paste routes" opened={pasted !== null} onClose={rest.onClose} size="lg">
      {pasted !== null && <PasteForm pasted={pasted} {...rest} />}
    </Dialog>
  );
}

function PasteForm(props: PasteRoutesDialogProps & { readonly pasted: string }) {
  const { pasted, subscriptionId, onAdd, onClose } = props;
  const [text, setText] = useState(pasted);
  const [unknown, setUnknown] = useState<readonly string[]>([]);
  const [isBusy, setBusy] = useState(false);
  const { routes, problems } = useMemo(() => readRouteLines(text), [text]);
  const findIntegrations = useIntegrationsByName(subscriptionId);
  const messages = [...problems, ...unknown.map((name) => `No integration is called “${name}”.`)];

  async function add(event: FormEvent): Promise<void> {
    event.preventDefault();
    const names = routes.flatMap(({ integration }) => (integration === null ? [] : [integration]));
    setBusy(true);
    const found = await findIntegrations(names);
    setBusy(false);
    const missing = [...new Set(names.filter((name) => !found.has(name)))];
    setUnknown(missing);
    if (missing.length > 0) return;
    onAdd(
      routes.map(({ method, path, integration }) =>
        newRouteRow({ method, path, integration: found.get(integration ?? "") ?? null }),
      ),
    );
    onClose();
  }

  return (
    <form onSubmit={(event) => void add(event)}>
      <Textarea
        label="Routes"
        description="One per line: method, path, and after “->” the name of the integration."
        classNames={{ input: classes.lines ?? "" }}
        placeholder={EXAMPLE}
        autosize
        minRows={6}
        maxRows={16}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setUnknown([]);
        }}
        spellCheck={false}
        data-autofocus
      />
      {messages.length > 0 && (
        <div role="alert">
          <ul className={classes.problems}>
            {messages.slice(0, PROBLEMS_SHOWN_MAX).map((message) => (
              <li key={message}>{message}</li>
            ))}
            {messages.length > PROBLEMS_SHOWN_MAX && <li>and {messages.length - PROBLEMS_SHOWN_MAX} more</li>}
          </ul>
        </div>
      )}
      <DialogActions>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={isBusy} disabled={routes.length === 0 || problems.length > 0}>
          {routes.length === 0
            ? "Add routes"
            : routes.length === 1
              ? "Add 1 route"
              : `Add ${routes.length} routes`}
        </Button>
      </DialogActions>
    </form>
  );
}
