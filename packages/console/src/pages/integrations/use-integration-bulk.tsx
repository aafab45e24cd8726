/** What can be done with several integrations at once. */
import { useMutation } from "urql";
import { DeleteIntegrationDocument } from "../../gen/integrations.js";
import { problemOf } from "../../graphql/problem-of.js";
import { touching } from "../../graphql/touched.js";
import type { BulkAction } from "../../ui/bulk-bar.js";
import { Icon } from "../../ui/icon.js";
import { runEach } from "../../ui/run-each.js";
import type { IntegrationRow } from "./integration-columns.js";

export function useIntegrationBulk(): readonly BulkAction<IntegrationRow>[] {
  const [, deleteIntegration] = useMutation(DeleteIntegrationDocument);
  return [
    {
      label: "Delete",
      icon: <Icon name="trash" size={14} />,
      isDangerous: true,
      question: (rows) => ({
        title: rows.length === 1 ? `Delete “${rows[0]?.name}”?` : `Delete ${rows.length} integrations?`,
        text: "Those that routes use stay. The others are deleted, which cannot be undone.",
      }),
      run: (rows) =>
        runEach({
          items: rows,
          noun: ["integration", "integrations"],
          done: "deleted",
          run: async ({ id }) => {
            const { data, error } = await deleteIntegration({ input: { id } }, touching("Integration"));
            return problemOf(data?.deleteIntegration.userErrors, error);
          },
        }),
    },
  ];
}
