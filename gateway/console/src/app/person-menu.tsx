import { useNavigate } from "@tanstack/react-router";
import { Button, Dropdown } from "antd";
import { useTranslation } from "react-i18next";
import { text } from "../api/contract.ts";
import { roles } from "../api/generated/operations.ts";
import { useMe } from "../api/me.ts";
import { useChangePreferences, usePreferences } from "../api/preferences.ts";
import { useSaveProfile } from "../api/profile.ts";
import { chooseLanguage, type Language, language } from "../i18n/start.ts";
import type { Theme } from "../ui/appearance.ts";
import { useFault } from "../ui/feedback.ts";
import { Avatar } from "../ui/Person.tsx";
import { leave } from "./session.tsx";

/** Who is signed in: profile, language, colours, signing out. */
export function PersonMenu({ folded = false }: { folded?: boolean }) {
  const { t } = useTranslation();
  const me = useMe();
  const navigate = useNavigate();
  const fault = useFault();
  const { theme } = usePreferences();
  const changePreferences = useChangePreferences();
  const saveProfile = useSaveProfile();
  const speak = async (wanted: Language) => {
    await chooseLanguage(wanted);
    await saveProfile({ locale: wanted });
  };
  const items = [
    { key: "me", label: t("person.profile"), onClick: () => navigate({ to: "/me", search: {} }) },
    { key: "guide", label: t("guide:title"), onClick: () => navigate({ to: "/guide", search: {} }) },
    {
      key: "language",
      label: t("person.language"),
      children: (["zh", "en"] as const).map((wanted) => ({
        key: wanted,
        label: wanted === "zh" ? "中文" : "English",
        onClick: () => speak(wanted),
      })),
    },
    {
      key: "theme",
      label: t("person.theme"),
      children: (["system", "light", "dark"] as const satisfies Theme[]).map((wanted) => ({
        key: wanted,
        label: t(`themes.${wanted}`),
        onClick: () => changePreferences({ theme: wanted }),
      })),
    },
    { type: "divider" as const },
    { key: "out", label: t("person.signOut"), onClick: () => leave().catch(fault) },
  ];
  return (
    <Dropdown
      autoFocus
      trigger={["click"]}
      placement="topLeft"
      menu={{ items, selectedKeys: [language(), theme] }}
    >
      <Button
        type="text"
        style={{ height: 44, justifyContent: "flex-start", paddingInline: 8 }}
        aria-label={folded ? me.display_name : undefined}
      >
        <Avatar name={me.display_name} />
        {!folded && (
          <span className="k-ellipsis" style={{ textAlign: "start", lineHeight: "18px" }}>
            <b>{me.display_name}</b>
            <br />
            <span className="k-small k-muted">
              {me.roles.map((role) => text(roles[role], role)).join(" ")}
            </span>
          </span>
        )}
      </Button>
    </Dropdown>
  );
}
