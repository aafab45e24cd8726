/** The OpenAPI document for the holder of a key: what its scopes admit of the API. */
import type { DocumentFormat } from "@latchkey/openapi";
import { Arg, FieldResolver, Resolver, Root } from "type-graphql";
import { ApiKeyType } from "../key/api-key-graphql.js";
import type { DocumentVersion } from "./api-document.js";
import type { DocumentService } from "./document-service.js";
import { DocumentFormatEnum, OpenApiVersionEnum } from "./import-enums-graphql.js";

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
    @Arg("version", () => OpenApiVersionEnum, {
      defaultValue: "3.0",
      description: "Version of the specification.",
    })
    version: DocumentVersion,
    @Arg("format", () => DocumentFormatEnum, { defaultValue: "json", description: "How it is written." })
    format: DocumentFormat,
  ): Promise<string> {
    return (await this.#openapi.document(key.apiId, version, format, key.id))?.text ?? "";
  }
}
