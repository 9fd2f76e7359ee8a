import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { codeText, schemaOf } from "../../api/contract.ts";
import { useMay } from "../../api/me.ts";
import { useLoaded } from "../../api/queries.ts";
import { Person } from "../../ui/Person.tsx";
import { Facts } from "../../ui/record/Facts.tsx";
import { Status } from "../../ui/Status.tsx";
import { Dot } from "../../ui/Values.tsx";
import { MARKS, type ServiceRequest } from "./api.ts";

/** The people and dates of a request, its customer, and the customer's other requests. */
export function Side({ row }: { row: ServiceRequest }) {
  const { t } = useTranslation("requests");
  return (
    <>
      <section className="k-stack" style={{ gap: 8 }}>
        <h2>{t("one")}</h2>
        <Facts
          schema={schemaOf("service-desk", "Request")}
          row={row}
          facts={[
            { name: "assignee_id", render: <Person name={row.assignee_name} /> },
            "type",
            "priority",
            "contact",
            "created_by",
            "created_at",
          ]}
        />
      </section>
      <Customer row={row} />
      <Others row={row} />
    </>
  );
}

function Customer({ row }: { row: ServiceRequest }) {
  const { t } = useTranslation("requests");
  const readable = useMay()("customer:read");
  // As a list of one: somebody who reads the request may not read its customer.
  const { data } = useLoaded("customer", "list_customers", {
    query: { id: [row.customer_id], limit: 1 },
    enabled: readable,
    staleTime: 60_000,
  });
  const customer = data?.data.items[0];
  const schema = schemaOf("customer", "Customer");
  return (
    <section className="k-stack" style={{ gap: 8 }}>
      <h2>{t("customer")}</h2>
      {customer ? (
        <b>
          <Link to={`/customers/${customer.id}`} search={{}}>
            {customer.name}
          </Link>
        </b>
      ) : (
        <b>{row.customer_name ?? "—"}</b>
      )}
      {customer && (
        <Facts
          schema={schema}
          row={customer}
          facts={[
            "number",
            "level",
            { name: "satisfaction", render: <Score value={customer.satisfaction} /> },
            { name: "credit", render: <Score value={customer.credit} /> },
            { name: "manager_id", render: <Person name={customer.manager_name} /> },
            ...(customer.phone
              ? [{ name: "phone", render: <a href={`tel:${customer.phone}`}>{customer.phone}</a> }]
              : []),
          ]}
        />
      )}
    </section>
  );
}

/** From 1 to 5: blocks, and the number. */
function Score({ value }: { value: number | null | undefined }) {
  if (!value) return <span className="k-muted">—</span>;
  return (
    <>
      <span className="k-meter" aria-hidden>
        {[1, 2, 3, 4, 5].map((step) => (
          <i key={step} data-on={step <= value || undefined} />
        ))}
      </span>
      {value}
    </>
  );
}

/** The customer's newest other requests; the one that this goes on with is marked. */
function Others({ row }: { row: ServiceRequest }) {
  const { t } = useTranslation("requests");
  const { data } = useLoaded("service-desk", "list_requests", {
    query: { customer_id: [row.customer_id], limit: 6 },
  });
  const others = (data?.data.items ?? []).filter((one) => one.id !== row.id).slice(0, 5);
  const field = schemaOf("service-desk", "Request").fields.status;
  if (others.length === 0) return null;
  return (
    <section className="k-stack" style={{ gap: 8 }}>
      <h2>{t("others")}</h2>
      <ul className="k-stack" style={{ gap: 8, fontSize: 13 }}>
        {others.map((one) => (
          <li key={one.id}>
            <Link to={`/requests/${one.id}`} search={{}}>
              {one.summary}
            </Link>
            <div className="k-small k-muted">
              {one.number}
              <Dot />
              <Status mark={MARKS[one.status]}>{codeText(field, one.status)}</Status>
              {one.id === row.previous_request_id && (
                <>
                  <Dot />
                  {t("previous")}
                </>
              )}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
