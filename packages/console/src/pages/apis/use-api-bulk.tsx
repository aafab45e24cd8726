/** What can be done with several APIs at once. */
import { useMutation } from "urql";
import { DeleteApiDocument } from "../../gen/api-head.js";
import { problemOf } from "../../graphql/problem-of.js";
import { touching } from "../../graphql/touched.js";
import type { BulkAction } from "../../ui/bulk-bar.js";
import { Icon } from "../../ui/icon.js";
import { runEach } from "../../ui/run-each.js";
import type { ApiRow } from "./api-columns.js";

export function useApiBulk(): readonly BulkAction<ApiRow>[] {
  const [, deleteApi] = useMutation(DeleteApiDocument);
  return [
    {
      label: "Delete",
      icon: <Icon name="trash" size={14} />,
      isDangerous: true,
      question: (apis) => ({
        title: apis.length === 1 ? `Delete “${apis[0]?.title}”?` : `Delete ${apis.length} APIs?`,
        text: "Their routes and keys are deleted too, and requests with these keys are refused. This cannot be undone.",
      }),
      run: (apis) =>
        runEach({
          items: apis,
          noun: ["API", "APIs"],
          done: "deleted",
          run: async ({ id }) => {
            const { data, error } = await deleteApi({ input: { id } }, touching("Api"));
            return problemOf(data?.deleteApi.userErrors, error);
          },
        }),
    },
  ];
}
