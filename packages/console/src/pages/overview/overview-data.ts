/** What the overview's one query gives. */
import type { OverviewQuery } from "../../gen/overview.js";

export type OverviewData = OverviewQuery;
