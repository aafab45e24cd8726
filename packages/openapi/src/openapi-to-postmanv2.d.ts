/** The part of openapi-to-postmanv2 that is used; the package ships no types. */
declare module "openapi-to-postmanv2" {
  interface ConvertResult {
    readonly result: boolean;
    readonly reason?: string;
    readonly output?: readonly { readonly type: string; readonly data: unknown }[];
  }
  interface Converter {
    convertV2(
      input: { readonly type: "json"; readonly data: unknown },
      options: { readonly [name: string]: unknown },
      callback: (error: unknown, result: ConvertResult | undefined) => void,
    ): void;
  }
  const converter: Converter;
  export default converter;
}
