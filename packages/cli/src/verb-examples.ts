/** Examples in the help of commands whose files have none, and of those that only have commands below them. */
export const VERB_EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  dev: ["latchkey dev", "latchkey dev --ingress-port 9000 --data-dir /var/lib/latchkey"],
  "control-plane": [
    "LATCHKEY_CONTROL_PLANE_ADMIN_TOKEN_FILE=/run/secrets/admin latchkey control-plane --config /etc/latchkey/control-plane.yaml",
  ],
  ingress: [
    "LATCHKEY_INGRESS_CONTROL_PLANE_TOKEN_FILE=/run/secrets/node latchkey ingress --config /etc/latchkey/ingress.yaml",
    "latchkey ingress --workers 4",
  ],
  "sample-upstream": ["latchkey sample-upstream --port 9000"],
  openapi: [
    "latchkey openapi Orders --format yaml --out orders.yaml",
    "latchkey openapi Orders --target azure-apim --out orders.json --policy-out policy.xml",
  ],
  import: [
    "latchkey import orders.yaml --subscription Sample --from-servers --dry-run",
    "latchkey import - --api Orders --integration Warehouse < orders.yaml",
  ],
  client: ["latchkey client Orders --out orders-client.ts"],
  mock: ["latchkey mock Orders --port 4010"],
  backup: ["latchkey backup latchkey-$(date +%F).db --data-dir /var/lib/latchkey"],
  contexts: ["latchkey contexts", "latchkey contexts use production"],
  list: ["latchkey list apis", "latchkey list keys --json | jq -r '.[].name'"],
  get: ["latchkey get api Orders", "latchkey get integration Orders -o yaml"],
  create: [
    "latchkey create integration Orders --subscription Sample --target https://orders.example.com/in",
    "latchkey create api Orders --subscription Sample --route 'PUT /orders/{id}=Orders'",
  ],
  update: ["latchkey update api Orders --summary 'Orders of all warehouses'"],
  delete: ["latchkey delete key 'Partner A' --yes"],
  keys: ["latchkey keys rotate 'Partner A' --overlap 24h", "latchkey keys disable 'Partner A'"],
  recording: ["latchkey recording start Orders --for 30m", "latchkey recording show Orders"],
  nodes: ["latchkey nodes create node-2 --json", "latchkey nodes rotate node-2 --yes"],
  help: ["latchkey help", "latchkey help list apis"],
  usage: ["latchkey usage export --from 2026-11-01 --to 2026-12-01 --by api,key --out november.csv"],
  restore: ["latchkey restore latchkey-2027-01-31.db --data-dir /var/lib/latchkey"],
};
