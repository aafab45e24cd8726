/** Checks who owns a key or an API, and the labels and metadata that people find it by. Nodes know nothing of them. */
import type { Problems } from "../errors/user-error.js";
import { checkText, type FieldPath, type Maybe, pick } from "./form.js";

export interface Ownership {
  /** A person or a team; may be empty. */
  readonly owner: string;
  /** Sorted, each once. */
  readonly labels: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
}

export const noOwnership: Ownership = { owner: "", labels: [], metadata: {} };

export interface OwnershipForm {
  readonly owner?: Maybe<string>;
  readonly labels?: Maybe<readonly string[]>;
  readonly metadata?: Maybe<object>;
}

const ownershipLimits = {
  ownerCharsMax: 200,
  labelsMax: 20,
  metadataMax: 20,
  metadataValueCharsMax: 500,
} as const;

/** Of labels, and names of metadata. */
const LABEL = /^[a-z0-9][a-z0-9._:/-]{0,49}$/;

/** What is left out stays; null empties it. What is wrong goes to `problems`. */
export function checkOwnership(problems: Problems, base: Ownership, form: OwnershipForm): Ownership {
  return {
    owner: checkText(problems, ["input", "owner"], "The owner", pick(form.owner, base.owner, ""), {
      charsMax: ownershipLimits.ownerCharsMax,
    }),
    labels: form.labels === undefined ? base.labels : checkLabels(problems, form.labels ?? []),
    metadata: form.metadata === undefined ? base.metadata : checkMetadata(problems, form.metadata ?? {}),
  };
}

function checkLabels(problems: Problems, texts: readonly string[]): readonly string[] {
  const field: FieldPath = ["input", "labels"];
  if (texts.length > ownershipLimits.labelsMax) {
    problems.add("TOO_MANY", field, `There are at most ${ownershipLimits.labelsMax} labels.`);
    return [];
  }
  const labels = new Set<string>();
  for (const [i, text] of texts.entries()) {
    const label = labelOf(text);
    if (!LABEL.test(label))
      problems.add(
        "INVALID",
        [...field, String(i)],
        "A label has 1 to 50 lower-case letters, digits and `._:/-`, as in `team:orders`.",
      );
    labels.add(label);
  }
  return [...labels].sort();
}

/** As labels are stored. */
export function labelOf(text: string): string {
  return text.trim().toLowerCase();
}

function checkMetadata(problems: Problems, given: object): Readonly<Record<string, string>> {
  const field: FieldPath = ["input", "metadata"];
  const entries = Object.entries(given) as [string, unknown][];
  if (entries.length > ownershipLimits.metadataMax) {
    problems.add("TOO_MANY", field, `There are at most ${ownershipLimits.metadataMax} entries.`);
    return {};
  }
  const metadata: Record<string, string> = {};
  for (const [name, value] of entries.sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!LABEL.test(name))
      problems.add(
        "INVALID",
        field,
        `\`${name}\`: a name has 1 to 50 lower-case letters, digits and \`._:/-\`.`,
      );
    else if (typeof value !== "string") problems.add("INVALID", [...field, name], "The value is a text.");
    else
      metadata[name] = checkText(problems, [...field, name], "The value", value, {
        charsMax: ownershipLimits.metadataValueCharsMax,
      });
  }
  return metadata;
}
