import { Select } from "antd";
import { configuration } from "../../api/configuration.ts";

/** A currency: the company's own first, then those that are common. */
export function CurrencySelect(properties: {
  value?: string;
  onChange?: (value: string) => void;
  id?: string;
}) {
  const first = configuration().currency;
  const codes = [...new Set([first, "CNY", "USD", "EUR", "GBP", "JPY", "HKD"])];
  return <Select {...properties} showSearch options={codes.map((value) => ({ value, label: value }))} />;
}
