import { useNavigate, useSearch } from "@tanstack/react-router";
import { Alert, Button, Form, Input, Segmented } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { signIn } from "../api/me.ts";
import { Problem } from "../api/problem.ts";
import { changeLanguage, type Language, language } from "../i18n/start.ts";
import { announce } from "../lib/tabs.ts";
import { PageTitle } from "../ui/PageTitle.tsx";
import { mark } from "./mark.ts";

interface Entered {
  username: string;
  password: string;
}

/** Whether somebody on the way could read what is sent. */
const open = location.protocol === "http:" && !window.isSecureContext;

export function Login() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { to } = useSearch({ strict: false }) as { to?: string };
  const onDone = (mustChange: boolean) => navigate({ to: mustChange ? "/change-password" : safe(to) });
  return (
    <div className="k-login">
      <main className="k-stack">
        <div className="k-brand">
          <img src={mark} alt="" />
          Kehu 客户
          <span className="k-space" />
          <Segmented<Language>
            size="small"
            value={language()}
            aria-label={t("login.language")}
            options={[
              { value: "zh", label: "中文" },
              { value: "en", label: "English" },
            ]}
            onChange={changeLanguage}
          />
        </div>
        <PageTitle title={t("login.title")} />
        {open && <Alert type="warning" showIcon title={t("login.open")} />}
        <SignInForm onDone={onDone} />
      </main>
    </div>
  );
}

/** Only addresses of this console are followed. */
function safe(to: string | undefined): string {
  return to?.startsWith("/") && !to.startsWith("//") ? to : "/";
}

/** User name and password; also in the dialog over a page whose session has ended. */
export function SignInForm({
  username,
  onDone,
}: {
  username?: string;
  onDone: (mustChange: boolean) => void;
}) {
  const { t } = useTranslation();
  const [form] = Form.useForm<Entered>();
  const [fault, setFault] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    form.getFieldInstance(username ? "password" : "username")?.focus();
  }, [form, username]);
  async function submit({ username: name, password }: Entered) {
    setBusy(true);
    setFault(undefined);
    try {
      const me = await signIn(name.trim(), password);
      announce({ kind: "signed-in", person: me.id });
      await changeLanguage(me.locale);
      onDone(me.must_change_password);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      setFault(problem);
      form.getFieldInstance("password")?.focus();
    } finally {
      setBusy(false);
    }
  }
  return (
    <Form
      form={form}
      layout="vertical"
      size="large"
      initialValues={{ username }}
      onFinish={submit}
      requiredMark={false}
    >
      {fault && (
        <Form.Item>
          <Alert type="error" showIcon title={fault.message || t("fault.unreachable")} />
        </Form.Item>
      )}
      <Form.Item
        name="username"
        label={t("login.username")}
        rules={[{ required: true, message: t("login.usernameMissing") }]}
      >
        <Input autoComplete="username" autoCapitalize="none" spellCheck={false} maxLength={64} />
      </Form.Item>
      <Form.Item
        name="password"
        label={t("login.password")}
        rules={[{ required: true, message: t("login.passwordMissing") }]}
      >
        <Input.Password autoComplete="current-password" maxLength={1000} />
      </Form.Item>
      <Button type="primary" htmlType="submit" block loading={busy}>
        {t("login.submit")}
      </Button>
    </Form>
  );
}
