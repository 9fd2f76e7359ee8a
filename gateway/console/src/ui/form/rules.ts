import type { Rule } from "antd/es/form";
import type { TFunction } from "i18next";
import type { Field } from "../../api/contract.ts";
import { isDay } from "../../lib/dates.ts";

/** The rules of a field, from the contract, with texts that say what to enter. */
export function rulesOf(field: Field | undefined, required: boolean, t: TFunction): Rule[] {
  return [
    {
      validator: (_, value) => {
        const fault = faultOf(field, required, value, t);
        return fault ? Promise.reject(new Error(fault)) : Promise.resolve();
      },
    },
  ];
}

export function isEmpty(value: unknown): boolean {
  return (
    value === undefined ||
    value === null ||
    (typeof value === "string" && value.trim() === "") ||
    (Array.isArray(value) && value.length === 0)
  );
}

/** What is wrong with a value, as a sentence; undefined if nothing is. */
export function faultOf(
  field: Field | undefined,
  required: boolean,
  value: unknown,
  t: TFunction,
): string | undefined {
  if (isEmpty(value)) return required ? t("rules.required") : undefined;
  if (!field) return undefined;
  switch (field.kind) {
    case "integer":
    case "number":
      return numberFault(field, value, t);
    case "date":
      return isDay(String(value)) ? undefined : t("rules.day");
    case "amount":
      return new RegExp(field.pattern ?? "").test(String(value)) ? undefined : t("rules.amount");
    case "array":
      return field.maxLength && (value as unknown[]).length > field.maxLength
        ? t("rules.many", { count: field.maxLength })
        : undefined;
    default:
      return textFault(field, String(value).trim(), t);
  }
}

function numberFault(field: Field, value: unknown, t: TFunction): string | undefined {
  const number = Number(value);
  const whole = field.kind === "integer" && !Number.isInteger(number);
  const { min, max } = field;
  const outside = (min !== undefined && number < min) || (max !== undefined && number > max);
  if (!whole && !outside && !Number.isNaN(number)) return undefined;
  return min !== undefined && max !== undefined ? t("rules.between", { min, max }) : t("rules.whole");
}

function textFault(field: Field, value: string, t: TFunction): string | undefined {
  const length = [...value].length;
  if (field.maxLength && length > field.maxLength) return t("rules.long", { count: field.maxLength });
  if (field.minLength && length < field.minLength) return t("rules.short", { count: field.minLength });
  if (field.pattern && !matches(field.pattern, value)) return t("rules.form");
  return undefined;
}

/** Whether a value has the form of a pattern. One that this browser cannot read is left to the server. */
function matches(pattern: string, value: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`).test(value);
  } catch {
    return true;
  }
}
