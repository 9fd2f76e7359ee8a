import { setCompanyZone } from "../lib/dates.ts";
import { call, type Schemas } from "./call.ts";
import { queryClient, queryKey } from "./queries.ts";

export type Configuration = Schemas["auth"]["ClientConfiguration"];

let current: Configuration | undefined;

/** Read what the installation is set to: its time zone, currency, rules. Once for each opened page. */
export async function loadConfiguration(): Promise<Configuration> {
  const { data } = await queryClient.ensureQueryData({
    queryKey: queryKey("auth", "get_client_configuration"),
    queryFn: () => call("auth", "get_client_configuration"),
    staleTime: Number.POSITIVE_INFINITY,
  });
  current = data as Configuration;
  setCompanyZone(current.time_zone);
  return current;
}

export function configuration(): Configuration {
  if (!current) throw new Error("The configuration is read before any page is shown.");
  return current;
}
