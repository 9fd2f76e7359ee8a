import { Button, Form } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Loaded } from "../../api/call.ts";
import { schemaOf } from "../../api/contract.ts";
import { type Me, useMe } from "../../api/me.ts";
import { useLoaded } from "../../api/queries.ts";
import { chooseLanguage, type Language } from "../../i18n/start.ts";
import { useSaved } from "../../ui/feedback.ts";
import { OperationForm } from "../../ui/form/OperationForm.tsx";
import { PageTitle } from "../../ui/PageTitle.tsx";
import { Panel } from "../../ui/Panel.tsx";
import { PasswordForm } from "../../ui/PasswordForm.tsx";
import { Facts } from "../../ui/record/Facts.tsx";
import { roleNames } from "../users/api.ts";
import { Look } from "./Look.tsx";
import { Sessions } from "./Sessions.tsx";
import { Shortcuts } from "./Shortcuts.tsx";

/** What everybody sets for themselves. */
export default function Page() {
  const { t } = useTranslation("me");
  const me = useMe();
  return (
    <div className="k-scroll">
      <div className="k-page">
        <header className="k-head">
          <PageTitle title={t("title")} />
          <span className="k-muted">{me.display_name}</span>
        </header>
        <div className="k-body k-panels">
          <Profile />
          <Password />
          <Look />
          <Sessions />
          <Shortcuts />
        </div>
      </div>
    </div>
  );
}

function Profile() {
  const { t } = useTranslation("me");
  const me = useMe();
  const loaded = useLoaded("auth", "get_me").data as Loaded<Me> | undefined;
  const person = useLoaded("auth", "list_people", { query: { id: [me.id] } } as never);
  const department = (person.data?.data as any)?.items[0]?.department as string | null | undefined;
  const [form] = Form.useForm();
  const [busy, setBusy] = useState(false);
  const saved = useSaved();
  return (
    <Panel title={t("profile")}>
      <div className="k-panel-body k-stack">
        <Facts
          schema={schemaOf("auth", "Me")}
          row={me}
          facts={[
            "username",
            "display_name",
            { name: "roles", render: roleNames(me.roles) },
            { name: "department_id", render: department ?? undefined },
          ]}
        />
        {loaded && (
          <div>
            <OperationForm
              // What a colleague changed since is what the form begins with.
              key={me.version}
              form={form}
              service="auth"
              operation="change_me"
              read="get_me"
              base={loaded}
              partial
              fields={["email", "phone", "locale"]}
              onState={(state) => setBusy(state.busy)}
              onSaved={(answer) => {
                chooseLanguage(answer.locale as Language);
                saved();
              }}
            />
            <Button type="primary" loading={busy} onClick={() => form.submit()}>
              {t("saveProfile")}
            </Button>
          </div>
        )}
      </div>
    </Panel>
  );
}

function Password() {
  const { t } = useTranslation("me");
  const saved = useSaved();
  const [round, setRound] = useState(0);
  return (
    <Panel title={t("common:password.title")}>
      <div className="k-panel-body k-stack">
        <p className="k-muted">{t("passwordEnds")}</p>
        <PasswordForm
          key={round}
          onDone={() => {
            saved(t("passwordChanged"));
            setRound(round + 1);
          }}
        />
      </div>
    </Panel>
  );
}
