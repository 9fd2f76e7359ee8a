import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { locale } from "../../i18n/start.ts";
import { count } from "../../lib/money.ts";

interface FootProperties {
  shown: number;
  total: number | undefined;
  capped: boolean;
  more: boolean;
  loading: boolean;
  onMore: () => void;
}

/** How many rows are shown, of how many, and the button for more. */
export function Foot({ shown, total, capped, more, loading, onMore }: FootProperties) {
  const { t } = useTranslation();
  const all = total === undefined ? "" : count(total, locale());
  return (
    <div className="k-foot">
      <span role="status">
        {t(capped ? "list.shownCapped" : "list.shown", { shown: count(shown, locale()), total: all })}
      </span>
      {more && (
        <Button type="link" size="small" loading={loading} onClick={onMore}>
          {t("list.more")}
        </Button>
      )}
    </div>
  );
}
