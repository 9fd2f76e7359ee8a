import { OPEN, type Round, type ServiceRequest } from "./api.ts";

type Status = ServiceRequest["status"];

export function isOpen(status: Status): boolean {
  return OPEN.includes(status);
}

/** The round that a request is in: the one that was handled, or the next. */
export function presentRound({ rounds, status }: Pick<ServiceRequest, "rounds" | "status">): number {
  return status === "created" || status === "assigned" ? rounds + 1 : rounds;
}

export type Outcome = "again" | "archived" | "waiting" | "unanswered";

/** What a round led to: another one, the archive, or nothing yet. Settings may have changed since. */
export function outcomeOf(round: Round, request: Pick<ServiceRequest, "rounds" | "status">): Outcome {
  const last = round.number === request.rounds;
  if (round.satisfaction === null) return last && request.status === "handled" ? "waiting" : "unanswered";
  return last && request.status === "archived" ? "archived" : "again";
}

/** What feedback with this satisfaction leads to. */
export function leadsTo(satisfaction: number, reopenBelow: number): "again" | "archived" {
  return satisfaction < reopenBelow ? "again" : "archived";
}

/** What can be done with a card of the board, in the order of its menu. */
export const STEPS = [
  "assign_request",
  "take_request",
  "handle_request",
  "give_request_feedback",
  "close_request",
  "cancel_request",
  "withdraw_request",
] as const;

const LEADS: Record<string, readonly string[]> = {
  assigned: ["assign_request", "take_request"],
  handled: ["handle_request"],
  archived: ["give_request_feedback"],
};

/** The step by which a request gets into a state, if it is allowed now. */
export function stepTo(status: string, actions: readonly string[]): string | undefined {
  return LEADS[status]?.find((operation) => actions.includes(operation));
}
