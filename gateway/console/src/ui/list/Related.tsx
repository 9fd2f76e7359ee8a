import { Alert, Button, Skeleton } from "antd";
import { useTranslation } from "react-i18next";
import { operationOf, type Schema, type Service, schemaOf } from "../../api/contract.ts";
import { usePhone } from "../../lib/screen.ts";
import { useProblemText } from "../feedback.ts";
import { Cards } from "./Cards.tsx";
import type { Column, Row } from "./columns.tsx";
import { Foot } from "./Foot.tsx";
import { Grid } from "./Grid.tsx";
import { useRows } from "./rows.ts";

interface Properties {
  service: Service;
  operation: string;
  path?: Record<string, string>;
  query?: Record<string, string>;
  label: string;
  columns: Column[];
  to: (row: Row) => string;
  empty: string;
}

/** The records of one kind that belong to the record of a page: all in one table, page after page. */
export function Related({
  service,
  operation,
  path = {},
  query = {},
  label,
  columns,
  to,
  empty,
}: Properties) {
  const { t } = useTranslation();
  const words = useProblemText();
  const list = useRows(service, operation, path, query);
  const answer = schemaOf(service, operationOf(service, operation).answer ?? "");
  const schema = schemaOf(service, answer.fields.items?.schema ?? "");
  if (list.isPending) return <Skeleton title={false} paragraph={{ rows: 5 }} />;
  if (list.isError)
    return (
      <Alert
        type="warning"
        showIcon
        title={words(list.error)}
        action={<Button onClick={() => list.refetch()}>{t("fault.again")}</Button>}
      />
    );
  if (list.rows.length === 0) return <p className="k-muted">{empty}</p>;
  return (
    <div className="k-panel">
      <RelatedRows rows={list.rows} columns={columns} schema={schema} to={to} label={label} />
      <Foot
        shown={list.rows.length}
        total={list.total}
        capped={list.capped}
        more={list.hasNextPage}
        loading={list.isFetchingNextPage}
        onMore={() => list.fetchNextPage()}
      />
    </div>
  );
}

interface RowsProperties {
  rows: Row[];
  columns: Column[];
  schema: Schema;
  to: (row: Row) => string;
  label: string;
}

/** Rows as a part of a page: a table that is as high as they are, on phones cards. */
export function RelatedRows({ to, ...rest }: RowsProperties) {
  const phone = usePhone();
  return phone ? <Cards {...rest} path={to} /> : <Grid {...rest} path={to} />;
}
