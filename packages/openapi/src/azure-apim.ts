/**
 * What Azure API Management needs beside the document, because it ignores security schemes: a policy that
 * sends the key along, from a named value. Holds the named value's name, never the key.
 */
import { normalizeOperationId } from "./operation-id.js";
import { type ApiModel, keyHeaderOf } from "./read-model.js";

/** Name of the named value (a secret one) that holds the key: letters, digits and dashes. */
export function azureNamedValue(model: ApiModel): string {
  const title = normalizeOperationId(model.title);
  return title === "" ? "latchkey-key" : `latchkey-${title}-key`;
}

/** The policy document for the API's scope, with a final newline. */
export function azureApimPolicy(model: ApiModel): string {
  const header = xml(keyHeaderOf(model));
  return `<policies>
  <inbound>
    <base />
    <!-- ${xml(azureNamedValue(model))}: a named value of kind secret (or from Key Vault) with the API key -->
    <set-header name="${header}" exists-action="override">
      <value>{{${xml(azureNamedValue(model))}}}</value>
    </set-header>
  </inbound>
  <backend>
    <base />
  </backend>
  <outbound>
    <base />
  </outbound>
  <on-error>
    <base />
  </on-error>
</policies>
`;
}

function xml(text: string): string {
  return text
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/"/g, "&quot;")
    .replace(/--/g, "-");
}
