/** How an OpenAPI document is asked for, of an API or for a key. */
import type { DocumentFormat } from "@latchkey/openapi";
import { ArgsType, Field } from "type-graphql";
import type { DocumentVersion } from "./api-document.js";
import { DocumentFormatEnum, OpenApiVersionEnum } from "./import-enums-graphql.js";

@ArgsType()
export class DocumentArgs {
  @Field(() => OpenApiVersionEnum, { defaultValue: "3.0", description: "Version of the specification." })
  version!: DocumentVersion;

  @Field(() => DocumentFormatEnum, { defaultValue: "json", description: "How it is written." })
  format!: DocumentFormat;
}
