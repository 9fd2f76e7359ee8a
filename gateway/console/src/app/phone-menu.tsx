import { Drawer } from "antd";
import { useTranslation } from "react-i18next";
import { Brand } from "./brand.tsx";
import { Navigation } from "./navigation.tsx";
import { PersonMenu } from "./person-menu.tsx";

interface Properties {
  counts: Record<string, { value: number; hot?: boolean }>;
  onClose: () => void;
}

/** The menu where there is no room beside the page. */
export default function PhoneMenu({ counts, onClose }: Properties) {
  const { t } = useTranslation();
  return (
    <Drawer open onClose={onClose} placement="left" size={280} title={<Brand />}>
      <nav aria-label={t("shell.menu")}>
        <Navigation counts={counts} onChosen={onClose} />
      </nav>
      <PersonMenu />
    </Drawer>
  );
}
