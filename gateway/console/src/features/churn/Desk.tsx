import { CloseOutlined } from "@ant-design/icons";
import { Link } from "@tanstack/react-router";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { codeText, schemaOf } from "../../api/contract.ts";
import { useAddress } from "../../ui/list/state.ts";
import { RecordState } from "../../ui/record/RecordPage.tsx";
import { Status } from "../../ui/Status.tsx";
import { MARKS, useWarning } from "./api.ts";
import { CustomerFacts, Orders } from "./Customer.tsx";
import { Handling } from "./Handling.tsx";

/** The warning that is open beside the list: the customer, what may be done, what was done. */
export function Desk({ id }: { id: string }) {
  const { t } = useTranslation("churn");
  const { change } = useAddress();
  const reading = useWarning(id);
  if (!reading.data) return <RecordState reading={reading} />;
  const row = reading.data.data;
  const states = schemaOf("customer", "Warning").fields.state;
  return (
    <section className="k-beside-record k-stack" aria-label={row.customer_name}>
      <header className="k-row">
        <h2 className="k-ellipsis">
          <Link to={`/churn-warnings/${row.id}`} search={{}} title={row.customer_name}>
            {row.customer_name}
          </Link>
        </h2>
        <Status tag mark={MARKS[row.state]}>
          {codeText(states, row.state)}
        </Status>
        <span className="k-space" />
        <Button
          type="text"
          size="small"
          icon={<CloseOutlined />}
          aria-label={t("common:close")}
          onClick={() => change({ open: undefined, form: undefined })}
        />
      </header>
      <CustomerFacts row={row} />
      <Orders row={row} />
      <Handling row={row} />
    </section>
  );
}
