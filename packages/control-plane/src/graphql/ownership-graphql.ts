/** Owner, labels and metadata as GraphQL shows them. */
export const OWNER = "The person or team responsible for it; may be empty.";
export const LABELS =
  "Labels to find it by, at most 20: lower-case letters, digits and `._:/-`, as in `team:orders`.";
export const METADATA =
  "Texts by name, at most 20 of at most 500 characters. Latchkey reads nothing into them.";
export const LABEL_FILTER = "Only those with this label.";
