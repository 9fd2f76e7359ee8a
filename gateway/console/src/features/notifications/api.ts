import { useAct } from "../../api/queries.ts";
import { useFault } from "../../ui/feedback.ts";

/** Mark a notification as read. */
export function useRead(): (id: string) => Promise<unknown> {
  const act = useAct("service-desk");
  const fault = useFault();
  return (id) =>
    act.mutateAsync({ operation: "read_notification", path: { notification_id: id } }).catch(fault);
}
