import { Alert, Button, Form, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { configuration } from "../api/configuration.ts";
import { changePassword } from "../api/me.ts";
import { Problem } from "../api/problem.ts";

interface Entered {
  old_password: string;
  new_password: string;
  again: string;
}

/** Choose a new password. All sessions end, and this one begins anew. */
export function PasswordForm({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation();
  const [form] = Form.useForm<Entered>();
  const [fault, setFault] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  const least = configuration().password.min_length;
  async function submit(entered: Entered) {
    setBusy(true);
    setFault(undefined);
    try {
      await changePassword(entered.old_password, entered.new_password);
      onDone();
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      const fields = problem.errors.map((error) => ({
        name: error.pointer.slice(1) as keyof Entered,
        errors: [error.detail],
      }));
      form.setFields(fields);
      setFault(fields.length > 0 ? undefined : problem);
    } finally {
      setBusy(false);
    }
  }
  return (
    <Form form={form} layout="vertical" onFinish={submit}>
      {fault && (
        <Form.Item>
          <Alert type="error" showIcon title={fault.message || t("fault.unreachable")} />
        </Form.Item>
      )}
      <Form.Item
        name="old_password"
        label={t("password.old")}
        rules={[{ required: true, message: t("password.missing") }]}
      >
        <Input.Password autoComplete="current-password" maxLength={128} />
      </Form.Item>
      <Form.Item
        name="new_password"
        label={t("password.new")}
        extra={t("password.rule", { count: least })}
        rules={[
          { required: true, message: t("password.missing") },
          { min: least, message: t("password.rule", { count: least }) },
        ]}
      >
        <Input.Password autoComplete="new-password" maxLength={128} />
      </Form.Item>
      <Form.Item
        name="again"
        label={t("password.again")}
        dependencies={["new_password"]}
        rules={[
          { required: true, message: t("password.missing") },
          ({ getFieldValue }) => ({
            validator: (_, value) =>
              !value || value === getFieldValue("new_password")
                ? Promise.resolve()
                : Promise.reject(new Error(t("password.differs"))),
          }),
        ]}
      >
        <Input.Password autoComplete="new-password" maxLength={128} />
      </Form.Item>
      <Button type="primary" htmlType="submit" loading={busy}>
        {t("password.submit")}
      </Button>
    </Form>
  );
}
