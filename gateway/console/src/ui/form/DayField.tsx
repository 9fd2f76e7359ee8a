import { CalendarOutlined } from "@ant-design/icons";
import { Input, type InputProps } from "antd";
import { useState } from "react";
import { readDay } from "../../lib/dates.ts";

interface Properties extends Omit<InputProps, "value" | "onChange"> {
  value?: string | null;
  onChange?: (day: string | null) => void;
}

const touch = matchMedia("(pointer: coarse)").matches;

/**
 * A day, typed: 2027-03-01, 2027/3/1, 20270301 or 3-1. Touch screens get the system's picker. A grid to click
 * alone would leave the keyboard without a way.
 */
export function DayField({ value, onChange, ...rest }: Properties) {
  const [typed, setTyped] = useState<string>();
  if (touch)
    return (
      <Input
        {...rest}
        type="date"
        value={value ?? ""}
        onChange={(event) => onChange?.(event.target.value || null)}
      />
    );
  const settle = () => {
    if (typed === undefined) return;
    // What cannot be read stays as typed; the form then says what it wants.
    onChange?.(typed.trim() === "" ? null : (readDay(typed) ?? typed));
    setTyped(undefined);
  };
  return (
    <Input
      {...rest}
      value={typed ?? value ?? ""}
      placeholder={rest.placeholder ?? "2027-03-01"}
      suffix={<CalendarOutlined aria-hidden />}
      inputMode="numeric"
      autoComplete="off"
      onChange={(event) => {
        setTyped(event.target.value);
        const day = readDay(event.target.value);
        if (day && event.target.value.length >= 8) onChange?.(day);
      }}
      onBlur={settle}
      onPressEnter={settle}
    />
  );
}
