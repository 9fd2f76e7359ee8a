import { useTranslation } from "react-i18next";
import { codeText, schemaOf } from "../../api/contract.ts";
import { Status } from "../../ui/Status.tsx";
import { MARKS, type ServiceRequest } from "./api.ts";
import { isOpen, presentRound } from "./rules.ts";

/** The state of a request; from the second round on, which round it is in. */
export function State({ row, tag = false }: { row: ServiceRequest; tag?: boolean }) {
  const { t } = useTranslation("requests");
  const field = schemaOf("service-desk", "Request").fields.status;
  const round = presentRound(row);
  return (
    <span className="k-row" style={{ display: "inline-flex" }}>
      <Status tag={tag} mark={MARKS[row.status]}>
        {codeText(field, row.status)}
      </Status>
      {round > 1 && isOpen(row.status) && (
        <Status tag={tag} mark="again">
          {t("round", { number: round })}
        </Status>
      )}
    </span>
  );
}
