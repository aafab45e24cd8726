/** What an API carries beside its routes: tags and shared schemas, with where they are used. */
import { useMemo, useState } from "react";
import { Link } from "react-router";
import { ApiSchemasDocument } from "../../gen/schemas.js";
import { EmptyState } from "../../ui/empty-state.js";
import { Failure } from "../../ui/failure.js";
import { Panel } from "../../ui/page.js";
import { SearchField } from "../../ui/search-field.js";
import { RowsSkeleton } from "../../ui/skeletons.js";
import toolbar from "../../ui/toolbar.module.css";
import { useApiContent } from "../apis/use-api-content.js";
import { SchemaList } from "./schema-list.js";
import { type ApiContent, schemaUsages, tagUsages } from "./schema-usage.js";
import { TagList } from "./tag-list.js";

export function SchemasPage() {
  const { api, error, refetch } = useApiContent(ApiSchemasDocument);
  if (api === null) {
    if (error !== undefined) return <Failure error={error} retry={refetch} />;
    return <RowsSkeleton rows={5} />;
  }
  return <Content api={api} />;
}

function Content({ api }: { readonly api: ApiContent }) {
  const schemas = useMemo(() => schemaUsages(api), [api]);
  const tags = useMemo(() => tagUsages(api), [api]);
  const [search, setSearch] = useState("");
  const words = search.trim().toLowerCase();
  const shown = schemas.filter(({ name }) => name.toLowerCase().includes(words));
  if (schemas.length === 0 && tags.length === 0)
    return (
      <Panel padded={false}>
        <EmptyState
          icon="book"
          title="No tags and no schemas"
          action={<Link to={`/apis/${api.id}/import`}>Import OpenAPI</Link>}
        >
          An OpenAPI document that is imported brings its tags and shared schemas along.
        </EmptyState>
      </Panel>
    );
  return (
    <>
      {tags.length > 0 && (
        <Panel title={`Tags (${tags.length.toLocaleString("en")})`} padded={false}>
          <TagList tags={tags} />
        </Panel>
      )}
      {schemas.length > 0 && (
        <Panel
          title={`Schemas (${schemas.length.toLocaleString("en")})`}
          description="Operations refer to them by name. Checks of requests and responses, and the OpenAPI document, use them."
          padded={false}
        >
          <search className={toolbar.toolbar}>
            <SearchField
              value={search}
              onChange={setSearch}
              label="Search schemas"
              placeholder="Search by name"
            />
          </search>
          {shown.length === 0 ? (
            <EmptyState icon="search" title="No schema matches">
              Change or clear the search.
            </EmptyState>
          ) : (
            <SchemaList schemas={shown} all={api.schemas} />
          )}
        </Panel>
      )}
    </>
  );
}
