/** The API whose pages are shown, as the head of those pages has read it. */
import { useOutletContext } from "react-router";
import type { ApiHeadFieldsFragment } from "../../gen/api-head.js";

export type ApiHead = ApiHeadFieldsFragment;

export type HeadKey = ApiHead["keys"]["nodes"][number];

export function useApiHead(): ApiHead {
  return useOutletContext<ApiHead>();
}
