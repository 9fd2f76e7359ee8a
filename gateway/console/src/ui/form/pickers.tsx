import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { useDeferredValue, useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/call.ts";
import { queryKey } from "../../api/queries.ts";

interface Option {
  value: string;
  label: string;
  hint?: string | null;
}

export interface PickerProperties {
  id?: string;
  value?: string | string[] | undefined;
  onChange?: (value: any, option?: any) => void;
  multiple?: boolean;
  placeholder?: string;
  "aria-label"?: string;
  /** Names of values that are set before their list is loaded. */
  known?: Option[];
}

type Find = (words: string, ids: string[] | undefined, signal: AbortSignal) => Promise<Option[]>;

/** Choose records by typing a part of their names: what the list finds, and the names of what is set. */
function Picker({
  name,
  find,
  known = [],
  multiple,
  ...rest
}: PickerProperties & { name: string; find: Find }) {
  const { t } = useTranslation();
  const [words, setWords] = useState("");
  const wanted = useDeferredValue(words.trim());
  const set = [rest.value].flat().filter((id): id is string => Boolean(id));
  const found = useQuery({
    queryKey: [...queryKey("auth", `pick ${name}`), wanted],
    queryFn: ({ signal }) => find(wanted, undefined, signal),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
  const missing = set.filter(
    (id) => ![...known, ...(found.data ?? [])].some((option) => option.value === id),
  );
  const named = useQuery({
    queryKey: [...queryKey("auth", `name ${name}`), missing],
    queryFn: ({ signal }) => find("", missing, signal),
    enabled: missing.length > 0 && found.isSuccess,
    staleTime: 600_000,
  });
  const options = new Map(
    [...known, ...(named.data ?? []), ...(found.data ?? [])].map((option) => [option.value, option]),
  );
  return (
    <Select
      {...rest}
      {...(multiple ? { mode: "multiple" as const } : {})}
      style={{ width: "100%" }}
      showSearch={{ filterOption: false, onSearch: setWords }}
      allowClear
      loading={found.isFetching}
      notFoundContent={found.isFetching ? null : t("picker.nothing")}
      options={[...options.values()]}
      optionRender={({ label, data }) => (
        <span className="k-row">
          <span className="k-ellipsis">{label}</span>
          <span className="k-small k-muted">{(data as Option).hint}</span>
        </span>
      )}
    />
  );
}

/** A member of staff; with `roles`, only of these. */
export function PersonPicker({ roles, ...properties }: PickerProperties & { roles?: readonly string[] }) {
  const find: Find = async (q, id, signal) => {
    const query = { q, id, role: id ? undefined : roles, limit: 20 };
    const { data } = await call("auth", "list_people", { query, signal } as never);
    return data.items.map((person) => ({
      value: person.id,
      label: person.display_name,
      hint: person.department,
    }));
  };
  return <Picker {...properties} name={`people ${roles ?? ""}`} find={find} />;
}

/** A customer, by name or number. */
export function CustomerPicker(properties: PickerProperties) {
  const find: Find = async (q, id, signal) => {
    const { data } = await call("customer", "list_customer_directory", {
      query: { q, id, limit: 20 },
      signal,
    } as never);
    return data.items.map((customer) => ({
      value: customer.id,
      label: customer.name,
      hint: customer.number,
    }));
  };
  return <Picker {...properties} name="customers" find={find} />;
}
