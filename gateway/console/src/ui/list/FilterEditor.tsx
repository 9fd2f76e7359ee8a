import { Checkbox, Input, Radio, Select, Space } from "antd";
import { useTranslation } from "react-i18next";
import { type Field, type Operation, text } from "../../api/contract.ts";
import { DayField } from "../form/DayField.tsx";
import { CustomerPicker, PersonPicker } from "../form/pickers.tsx";
import { type FilterOptions, isRange, type ListState, type Option, useListChange } from "./state.ts";

interface Properties {
  operation: Operation;
  name: string;
  query: ListState;
  options: FilterOptions;
  label: string;
}

/** The control of one filter, by what the contract says of its values. */
export default function FilterEditor({ operation, name, query, options, label }: Properties) {
  if (isRange(operation, name)) return <Range operation={operation} name={name} query={query} />;
  return (
    <Values
      field={operation.query[name] as Field}
      name={name}
      query={query}
      options={options[name]}
      label={label}
    />
  );
}

function Range({ operation, name, query }: { operation: Operation; name: string; query: ListState }) {
  const { t } = useTranslation();
  const change = useListChange(query);
  const isDay = ["date", "moment"].includes(operation.query[`${name}_from`]?.kind ?? "");
  return (
    <Space>
      {(["from", "to"] as const).map((end) => {
        const part = `${name}_${end}`;
        const set = (value: string | null) => change({ [part]: value ?? undefined }, true);
        const shared = { "aria-label": text(operation.query[part]?.label), style: { width: 140 } };
        return isDay ? (
          <DayField
            key={part}
            {...shared}
            value={query[part] ?? null}
            onChange={set}
            placeholder={t(`list.${end}Empty`)}
          />
        ) : (
          <Input
            key={part}
            {...shared}
            inputMode="decimal"
            defaultValue={query[part]}
            placeholder={t(`list.${end}Empty`)}
            onBlur={(event) => set(event.target.value.trim() || null)}
            onPressEnter={(event) => set(event.currentTarget.value.trim() || null)}
          />
        );
      })}
    </Space>
  );
}

interface ValuesProperties {
  field: Field;
  name: string;
  query: ListState;
  options: Option[] | undefined;
  label: string;
}

function Values({ field, name, query, options, label }: ValuesProperties) {
  const { t } = useTranslation();
  const change = useListChange(query);
  const values = (query[name] ?? "").split(",").filter(Boolean);
  const set = (chosen: string[]) => change({ [name]: chosen.join(",") || undefined }, true);
  const many = field.kind === "array";
  if (field.kind === "boolean")
    return (
      <Radio.Group value={query[name]} onChange={(event) => set([event.target.value])}>
        <Radio value="true">{t("yes")}</Radio>
        <Radio value="false">{t("no")}</Radio>
      </Radio.Group>
    );
  const known =
    options ??
    (field.codes && Object.entries(field.codes).map(([value, of]) => ({ value, label: text(of) })));
  if (known && many && known.length <= 12)
    return (
      <Checkbox.Group
        style={{ display: "flex", flexDirection: "column", gap: 6 }}
        options={known}
        value={values}
        onChange={(chosen) => set(chosen as string[])}
      />
    );
  const shared = { style: { width: 260 }, value: many ? values : values[0], "aria-label": label };
  const onChange = (chosen: string | string[] | undefined) => set([chosen ?? []].flat());
  if (known)
    return (
      <Select
        {...shared}
        {...(many && { mode: "multiple" as const })}
        options={known}
        onChange={onChange}
        allowClear
      />
    );
  if ((field.item ?? field.kind) === "id") {
    const Picker = name === "customer_id" ? CustomerPicker : PersonPicker;
    return (
      <div style={{ width: 260 }}>
        <Picker value={shared.value} multiple={many} aria-label={label} onChange={onChange} />
      </div>
    );
  }
  if (many)
    return (
      <Select
        {...shared}
        mode="tags"
        tokenSeparators={[",", "，"]}
        onChange={onChange}
        open={false}
        suffixIcon={null}
      />
    );
  return (
    <Input
      style={{ width: 260 }}
      aria-label={label}
      defaultValue={query[name]}
      onPressEnter={(event) => set([event.currentTarget.value.trim()])}
      onBlur={(event) => set([event.target.value.trim()])}
    />
  );
}
