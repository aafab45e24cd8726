/** Subscriptions as a kind. */
import type { Kind } from "../kind.js";
import { column, id } from "./shared-columns.js";

export const subscriptions: Kind = {
  name: "subscription",
  plural: "subscriptions",
  typeName: "Subscription",
  one: "subscription",
  many: "subscriptions",
  payload: "subscription",
  label: "name",
  selection: "id name createdAt version",
  columns: [id, column("NAME", "name"), column("CREATED", "createdAt")],
  filters: [],
  createFields: [],
  updateFields: [{ flags: "--name <name>", description: "its new name", input: "name" }],
  canUpdate: true,
  hasSearch: true,
  examples: {
    list: ["latchkey list subscriptions"],
    get: ["latchkey get subscription Sample -o yaml"],
    create: ["latchkey create subscription 'Warehouse north'"],
    update: ["latchkey update subscription Sample --name 'Warehouse south'"],
    delete: ["latchkey delete subscription Sample --yes"],
  },
};
