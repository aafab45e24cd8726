/** What can be done with several credentials at once. */
import { useMutation } from "urql";
import { DeleteCredentialDocument } from "../../gen/credentials.js";
import { problemOf } from "../../graphql/problem-of.js";
import { touching } from "../../graphql/touched.js";
import type { BulkAction } from "../../ui/bulk-bar.js";
import { Icon } from "../../ui/icon.js";
import { runEach } from "../../ui/run-each.js";
import type { CredentialRow } from "./credential-columns.js";

export function useCredentialBulk(): readonly BulkAction<CredentialRow>[] {
  const [, deleteCredential] = useMutation(DeleteCredentialDocument);
  return [
    {
      label: "Delete",
      icon: <Icon name="trash" size={14} />,
      isDangerous: true,
      question: (rows) => ({
        title: rows.length === 1 ? `Delete “${rows[0]?.name}”?` : `Delete ${rows.length} credentials?`,
        text: "Those that integrations use stay. The others are deleted with their secrets, which cannot be undone.",
      }),
      run: (rows) =>
        runEach({
          items: rows,
          noun: ["credential", "credentials"],
          done: "deleted",
          run: async ({ id }) => {
            const { data, error } = await deleteCredential({ input: { id } }, touching("Credential"));
            return problemOf(data?.deleteCredential.userErrors, error);
          },
        }),
    },
  ];
}
