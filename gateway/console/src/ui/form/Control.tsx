import { Checkbox, Input, InputNumber, Select } from "antd";
import { type Field, text } from "../../api/contract.ts";
import { DayField } from "./DayField.tsx";
import { type ControlProperties, isLong } from "./layout.ts";

/** The control of a field, by what the contract says of it. */
export function Control({ field, ...rest }: ControlProperties & { field: Field | undefined }) {
  const { value, onChange } = rest;
  const write = (event: { target: { value: string } }) => onChange?.(event.target.value);
  if (field?.codes) {
    const options = Object.entries(field.codes).map(([code, label]) => ({ value: code, label: text(label) }));
    const many = field.kind === "array" ? { mode: "multiple" as const } : {};
    return (
      <Select
        {...rest}
        {...many}
        options={options}
        allowClear={field.nullable ?? false}
        showSearch={{ optionFilterProp: "label" }}
      />
    );
  }
  switch (field?.kind) {
    case "date":
      return <DayField {...rest} />;
    case "integer":
    case "number":
      return <InputNumber {...rest} style={{ width: "100%" }} changeOnWheel={false} />;
    case "boolean":
      return <Checkbox {...rest} checked={value} onChange={(event) => onChange?.(event.target.checked)} />;
    case "array":
      return (
        <Select {...rest} mode="tags" tokenSeparators={[",", "，", "、"]} open={false} suffixIcon={null} />
      );
    case "amount":
      return (
        <Input
          {...rest}
          value={value ?? ""}
          inputMode="decimal"
          autoComplete="off"
          onChange={(event) => onChange?.(plainAmount(event.target.value))}
        />
      );
    default:
      if (isLong(field))
        return (
          <Input.TextArea
            {...rest}
            value={value ?? ""}
            autoSize={{ minRows: 3, maxRows: 10 }}
            onChange={write}
          />
        );
      return <Input {...rest} value={value ?? ""} autoComplete="off" onChange={write} />;
  }
}

/** What people paste as an amount: 1,250.00 and full-width digits become 1250.00. */
function plainAmount(typed: string): string {
  return typed.normalize("NFKC").replace(/[,\s¥$€]/g, "");
}
