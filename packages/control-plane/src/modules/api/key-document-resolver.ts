/** The OpenAPI document for the holder of a key: what its scopes admit of the API. */
import { Args, FieldResolver, Resolver, Root } from "type-graphql";
import { ApiKeyType } from "../key/api-key-graphql.js";
import { DocumentArgs } from "./document-args.js";
import type { DocumentService } from "./document-service.js";

@Resolver(() => ApiKeyType)
export class KeyDocumentResolver {
  readonly #openapi: DocumentService;

  constructor(deps: { readonly openapi: DocumentService }) {
    this.#openapi = deps.openapi;
  }

  @FieldResolver(() => String, {
    description:
      "The OpenAPI document of its API, with only the routes and methods that its scopes admit. As a download: `GET /apis/<id>/openapi.json?key=<id>`.",
  })
  async openapi(
    @Root() key: ApiKeyType,
    @Args(() => DocumentArgs) { version, format }: DocumentArgs,
  ): Promise<string> {
    return (await this.#openapi.document(key.apiId, version, format, key.id))?.text ?? "";
  }
}
