/** Says what will be done, why it cannot be done yet, and does it. */
import { Button } from "@mantine/core";
import { Link } from "react-router";
import barClasses from "../../forms/save-bar.module.css";
import { countsText } from "./import-rows.js";
import type { ApplyImport } from "./use-apply-import.js";
import type { Import } from "./use-import.js";

export interface ApplyBarProps {
  readonly made: Import;
  readonly applying: ApplyImport;
}

export function ApplyBar({ made, applying }: ApplyBarProps) {
  const { preview, input, target } = made;
  const isReady =
    preview.isFresh &&
    preview.problem === null &&
    preview.payload !== null &&
    preview.payload.userErrors.length === 0;
  const problem = applying.problem ?? preview.problem;
  return (
    <div className={barClasses.bar} data-save-bar>
      <span className={barClasses.state}>
        <span role="status">{stateText(made)}</span>
        {problem !== null && (
          <span role="alert" className={barClasses.problem}>
            {problem}
          </span>
        )}
      </span>
      {preview.problem !== null && (
        <Button variant="default" onClick={preview.retry} loading={preview.isBusy}>
          Try again
        </Button>
      )}
      <Button component={Link} to={target === null ? "/apis" : `/apis/${target.id}`} variant="default">
        Cancel
      </Button>
      <Button
        disabled={!isReady || input === null}
        loading={applying.isApplying}
        onClick={() => input !== null && void applying.apply(input)}
      >
        {buttonText(made)}
      </Button>
    </div>
  );
}

function buttonText({ target, preview }: Import): string {
  if (target !== null) return "Apply import";
  return (preview.payload?.apis.length ?? 0) > 1 ? "Create APIs" : "Create API";
}

/** The state in a sentence: what will be done, or what is missing for it. */
function stateText({ document, settings, target, preview, counts }: Import): string {
  if (document === null) return "Choose a document. Nothing changes before you confirm it.";
  if (target === null && settings.subscriptionId === null) return "Choose a subscription.";
  if (preview.isBusy || (!preview.isFresh && preview.problem === null)) return "Reading the document…";
  if (preview.payload === null) return "";
  if (counts.MISSING > 0)
    return counts.MISSING === 1
      ? "Choose an integration for 1 operation."
      : `Choose integrations for ${counts.MISSING.toLocaleString("en")} operations.`;
  if (preview.payload.userErrors.length > 0)
    return (
      preview.payload.userErrors.find(({ code }) => code !== "IMPORT_FAILED")?.message ??
      "The document cannot be imported as it is."
    );
  return `${countsText(counts)}.`;
}
