/** Paths of documents as path patterns. */
import { describe, expect, it } from "vitest";
import { fromOpenApi } from "./from-openapi.js";
import { codes, documentOf, ok } from "./import-document.cases.js";
import { toOpenApi } from "./to-openapi.js";

describe("paths", () => {
  const paths = (...templates: string[]) => {
    const result = fromOpenApi(
      documentOf(Object.fromEntries(templates.map((template) => [template, { get: ok }]))),
    );
    return {
      routes: result.routes.map((route) => route.path),
      codes: codes(result).filter((code) => !code.includes("no_counterpart")),
    };
  };

  it("reads the rest of the path in the spellings of other tools", () => {
    expect(paths("/a/{p*}", "/b/{p+}", "/c/{+p}", "/d/{*p}", "/e/{**p}", "/f/*").routes).toEqual([
      "/a/{p*}",
      "/b/{p*}",
      "/c/{p*}",
      "/d/{p*}",
      "/e/{p*}",
      "/f/{rest*}",
    ]);
  });

  it("takes a regular expression in a template for one segment, unless it is one of the rest", () => {
    expect(paths("/a/{id:[0-9]+}", "/b/{id:\\d*}", "/c/{p:.*}", "/d/{p:.+}").routes).toEqual([
      "/a/{id_0-9_}",
      "/b/{id_d}",
      "/c/{p_*}",
      "/d/{p_*}",
    ]);
  });

  it("says which paths no route can have", () => {
    const result = paths("/{a}{b}", "/v1/{+name}:cancel", "/items{?page}", "/x?y={z}", "/ok");
    expect(result.routes).toEqual(["/ok"]);
    expect(result.codes).toEqual([
      "behavior path.unsupported /paths/~1{a}{b}/get",
      "behavior path.unsupported /paths/~1v1~1{+name}:cancel/get",
      "behavior path.unsupported /paths/~1items{?page}/get",
      "behavior path.unsupported /paths/~1x?y={z}/get",
    ]);
  });

  it("keeps parameters within a segment", () => {
    const all = [
      "/2010-04-01/Accounts.json",
      "/2010-04-01/Accounts/{Sid}.json",
      "/2010-04-01/Accounts/{AccountSid}/AvailablePhoneNumbers/{CountryCode}.json",
      "/2010-04-01/Accounts/{AccountSid}/AvailablePhoneNumbers/{CountryCode}/Local.json",
      "/2010-04-01/Accounts/{AccountSid}/Messages/{MessageSid}/Media/{Sid}.json",
      "/items.{format}",
      "/jobs/{id}:cancel",
      "/Products({id})",
      "/compare/{base}...{head}",
      "/report-{year}.csv",
      "/{a}-{b}",
    ];
    const result = paths(...all);
    expect(result.routes).toEqual(all);
    expect(result.codes).toEqual([]);
    expect(paths("/x/{a.b}.{a_b}").routes).toEqual(["/x/{a_b}.{a_b-2}"]);
  });

  it("renames parameters that core does not take, and says when two paths are one", () => {
    const result = paths("/a/{order.id}", "/b/", "/b", "/c/{id}/{ID}");
    expect(result.routes).toEqual(["/a/{order_id}", "/b", "/c/{id}/{ID-2}"]);
    expect(result.codes).toEqual([
      "behavior path.respelled /paths/~1b~1/get",
      "behavior route.duplicate /paths/~1b/get",
      "documentation parameter.renamed /paths/~1a~1{order.id}/get",
      "documentation parameter.renamed /paths/~1c~1{id}~1{ID}/get",
    ]);
  });

  it("says which paths become one in the API's document: those that differ only in the names of parameters", () => {
    const document = documentOf({
      "/a/{type}": { post: ok, get: ok },
      "/a/{id}": { delete: ok },
      "/a/{id}/b": { get: ok },
    });
    const { model, report } = fromOpenApi(document);
    expect(report.map(({ severity, code, pointer }) => `${severity} ${code} ${pointer}`)).toEqual([
      "documentation parameter.renamed /paths/~1a~1{id}/delete",
    ]);
    expect(report[0]?.message).toContain("/a/{type}");
    const { paths } = toOpenApi(model!, { version: "3.1" });
    expect(Object.keys(paths as object)).toEqual(["/a/{type}", "/a/{id}/b"]);
  });
});
