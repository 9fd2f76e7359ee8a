import type { Schemas } from "../../api/call.ts";
import { useLoaded } from "../../api/queries.ts";
import { language } from "../../i18n/start.ts";
import type { Mark } from "../../ui/Status.tsx";

export type Opportunity = Schemas["marketing"]["Opportunity"];
export type Stage = Schemas["marketing"]["Stage"];
export type PlanItem = Schemas["marketing"]["PlanItem"];

export const MARKS: Record<string, Mark> = {
  unassigned: "new",
  developing: "working",
  won: "done",
  lost: "failed",
  voided: "ended",
};

/** The stages in their order, with their names in the language of the page. */
export function useStages(): (Stage & { label: string })[] {
  const { data } = useLoaded("marketing", "list_stages", { staleTime: 600_000 });
  const items = (data?.data.items ?? []) as Stage[];
  return items.map((stage) => ({ ...stage, label: language() === "zh" ? stage.label_zh : stage.label_en }));
}

export function useStageName(): (code: string | null | undefined) => string {
  const stages = useStages();
  return (code) => stages.find((stage) => stage.code === code)?.label ?? code ?? "";
}
