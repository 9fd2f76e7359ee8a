import { ReloadOutlined } from "@ant-design/icons";
import { App, Button, Input, Space, Typography } from "antd";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import type { ControlProperties } from "../../ui/form/layout.ts";
import { newPassword } from "./rules.ts";

/** A password that somebody else will be told: shown as it is, and made anew at will. */
export function PasswordControl({ value, onChange, ...rest }: ControlProperties) {
  const { t } = useTranslation("users");
  return (
    <Space.Compact style={{ width: "100%" }}>
      <Input
        {...rest}
        value={value ?? ""}
        autoComplete="off"
        maxLength={128}
        onChange={(event) => onChange?.(event.target.value)}
      />
      <Button
        icon={<ReloadOutlined />}
        aria-label={t("password.again")}
        title={t("password.again")}
        onClick={() => onChange?.(newPassword())}
      />
    </Space.Compact>
  );
}

/** Keeps the password that a form sent, as no answer has it, and shows it once, to be handed over. */
export function useHandOver() {
  const { t } = useTranslation("users");
  const { modal } = App.useApp();
  const sent = useRef<string>(undefined);
  return {
    keep<B extends Record<string, any>>(body: B): B {
      sent.current = body.password;
      return body;
    },
    show(username: string) {
      if (!sent.current) return;
      modal.info({
        title: t("password.handOver"),
        okText: t("common:close"),
        content: (
          <div className="k-stack" style={{ gap: 8 }}>
            <p>{t("password.once")}</p>
            <p>
              {t("password.username")}　<Typography.Text copyable>{username}</Typography.Text>
            </p>
            <p>
              {t("password.password")}　<Typography.Text copyable>{sent.current}</Typography.Text>
            </p>
          </div>
        ),
      });
      sent.current = undefined;
    },
  };
}
