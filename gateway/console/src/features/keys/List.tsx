import { ReloadOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/call.ts";
import { type Schema, schemaOf } from "../../api/contract.ts";
import { useMay } from "../../api/me.ts";
import { useLoaded } from "../../api/queries.ts";
import { FormDrawer } from "../../ui/form/FormDrawer.tsx";
import { useAddress } from "../../ui/list/state.ts";
import { PageTitle } from "../../ui/PageTitle.tsx";
import { Facts } from "../../ui/record/Facts.tsx";
import { RecordState } from "../../ui/record/RecordPage.tsx";
import { type Mark, Status } from "../../ui/Status.tsx";
import { type KeyState, statesOf } from "./rules.ts";

type Key = Schemas["auth"]["Key"];

const MARKS: Record<KeyState, Mark> = { next: "due", signs: "done", retired: "ended" };

/** The keys by which the tokens of all people are signed. */
export default function List() {
  const { t } = useTranslation("keys");
  const may = useMay();
  const { change } = useAddress();
  const reading = useLoaded("auth", "list_keys");
  if (!reading.data) return <RecordState reading={reading} />;
  const keys = reading.data.data.items as Key[];
  const states = statesOf(keys, new Date());
  const schema = schemaOf("auth", "Key");
  return (
    <div className="k-scroll">
      <div className="k-page">
        <header className="k-head">
          <PageTitle title={t("title")} />
          <span className="k-muted">{t("context")}</span>
          <span className="k-space" />
          {may("key:rotate") && (
            <Button icon={<ReloadOutlined />} onClick={() => change({ form: "rotate_keys" })}>
              {t("rotate")}
            </Button>
          )}
        </header>
        <div className="k-body">
          <ul className="k-panel">
            {keys.map((key) => (
              <KeyRow key={key.kid} row={key} state={states.get(key.kid) ?? "retired"} schema={schema} />
            ))}
          </ul>
        </div>
      </div>
      <RotateForm />
    </div>
  );
}

function KeyRow({ row, state, schema }: { row: Key; state: KeyState; schema: Schema }) {
  const { t } = useTranslation("keys");
  return (
    <li className="k-panel-body k-item" style={{ alignItems: "flex-start" }}>
      <div className="k-space k-stack" style={{ gap: 8 }}>
        <code>
          <b>{row.kid}</b>
        </code>
        <Facts two schema={schema} row={row} facts={["created_at", "signs_from", "expires_at"]} />
      </div>
      <Status mark={MARKS[state]}>{t(`states.${state}`)}</Status>
    </li>
  );
}

function RotateForm() {
  const { t } = useTranslation("keys");
  return (
    <FormDrawer
      small
      danger
      title={t("rotate")}
      submit={t("rotate")}
      intro={
        <>
          <p>{t("intro")}</p>
          <p className="k-muted">{t("compromised")}</p>
        </>
      }
      service="auth"
      operation="rotate_keys"
      fields={["compromised"]}
      toast={() => t("rotated")}
    />
  );
}
