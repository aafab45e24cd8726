/** Examples in the help of commands whose files have none. */
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
  restore: ["latchkey restore latchkey-2027-01-31.db --data-dir /var/lib/latchkey"],
};
