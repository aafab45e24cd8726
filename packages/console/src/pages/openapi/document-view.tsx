/** An OpenAPI document as people know it: operations in the colors of their methods, found by words, opened one by one. */
import { useDeferredValue, useMemo, useState } from "react";
import { useSearchParams } from "react-router";
import { Disclosure } from "../../ui/disclosure.js";
import { SearchField } from "../../ui/search-field.js";
import type { SampleLanguage } from "./code-samples.js";
import { DocumentFacts } from "./document-facts.js";
import classes from "./document-view.module.css";
import { countOperations, filterOperations } from "./filter-operations.js";
import { listOperations } from "./list-operations.js";
import type { OpenApiDocument } from "./openapi-types.js";
import { OPERATION_PARAM, operationName } from "./operation-link.js";
import { OperationView } from "./operation-view.js";
import { SchemaView } from "./schema-view.js";

/** Documents with more are shown closed, so that a thousand operations open at once. */
const OPEN_FIRST_MAX = 60;

export function DocumentView({ document }: { readonly document: OpenApiDocument }) {
  const groups = useMemo(() => listOperations(document), [document]);
  const count = countOperations(groups);
  const [text, setText] = useState("");
  const searched = useDeferredValue(text);
  const found = useMemo(() => filterOperations(groups, searched), [groups, searched]);
  const foundCount = countOperations(found);
  const [language, setLanguage] = useState<SampleLanguage>("curl");
  const [params] = useSearchParams();
  const [linked] = useState(params.get(OPERATION_PARAM));
  const isAll = foundCount === count;
  return (
    <div className={classes.document}>
      {document.info?.description !== undefined && (
        <p className={classes.text}>{document.info.description}</p>
      )}
      <DocumentFacts document={document} />
      {count === 0 && <p className="lk-muted">This API has no operations yet.</p>}
      {count > 0 && (
        <search className={classes.search}>
          <SearchField
            value={text}
            onChange={setText}
            label="Search operations"
            placeholder="Search by path, summary or tag"
            isInDialog
          />
          <span className="lk-muted" role="status">
            {isAll ? operationCount(count) : `${foundCount.toLocaleString("en")} of ${operationCount(count)}`}
          </span>
        </search>
      )}
      {foundCount === 0 && count > 0 && <p className="lk-muted">No operation has all of these words.</p>}
      {found.map((group) => (
        <Disclosure
          // Opened anew for another search.
          key={isAll ? group.tag : `${group.tag} ${searched}`}
          className={classes.group}
          isOpenAtFirst={
            foundCount <= OPEN_FIRST_MAX || group.operations.some((each) => operationName(each) === linked)
          }
          summary={
            <>
              <h3 className={classes.tag}>{group.tag}</h3>
              <span className="lk-muted">{group.operations.length.toLocaleString("en")}</span>
              {group.description !== undefined && <span className="lk-muted">{group.description}</span>}
            </>
          }
        >
          {() => (
            <div className={classes.operations}>
              {group.operations.map((listed) => (
                <OperationView
                  key={listed.key}
                  document={document}
                  listed={listed}
                  samples={{ language, setLanguage }}
                  isLinked={operationName(listed) === linked}
                />
              ))}
            </div>
          )}
        </Disclosure>
      ))}
      <Schemas document={document} />
    </div>
  );
}

function operationCount(count: number): string {
  return count === 1 ? "1 operation" : `${count.toLocaleString("en")} operations`;
}

function Schemas({ document }: { readonly document: OpenApiDocument }) {
  const schemas = Object.entries(document.components?.schemas ?? {});
  if (schemas.length === 0) return null;
  return (
    <Disclosure
      className={classes.group}
      summary={
        <>
          <h3 className={classes.tag}>Schemas</h3>
          <span className="lk-muted">{schemas.length}</span>
        </>
      }
    >
      {() => (
        <>
          {schemas.map(([name, schema]) => (
            <div key={name} className={classes.schema}>
              <h4 className={classes.schemaName}>{name}</h4>
              <SchemaView document={document} schema={schema} />
            </div>
          ))}
        </>
      )}
    </Disclosure>
  );
}
