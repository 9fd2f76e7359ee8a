import { language } from "../i18n/start.ts";

/** What the generated files say of the API: fields with labels, limits and codes. */
export type Label = readonly [zh: string, en: string];

export interface Field {
  label?: Label;
  kind: string;
  nullable?: boolean;
  readOnly?: boolean;
  min?: number;
  max?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  default?: unknown;
  secret?: boolean;
  codes?: Record<string, Label>;
  item?: string;
  schema?: string;
}

export interface Schema {
  fields: Record<string, Field>;
  required: string[];
}

export interface Operation {
  permission: string;
  query: Record<string, Field>;
  body?: string;
  answer?: string;
}

export interface Contract {
  schemas: Record<string, Schema>;
  operations: Record<string, Operation>;
}

export type Service = "auth" | "customer" | "marketing" | "reporting" | "service-desk";

const loaders: Record<Service, () => Promise<{ contract: Contract }>> = {
  auth: () => import("./generated/auth.ts"),
  customer: () => import("./generated/customer.ts"),
  marketing: () => import("./generated/marketing.ts"),
  reporting: () => import("./generated/reporting.ts"),
  "service-desk": () => import("./generated/service-desk.ts"),
};
const loaded = new Map<Service, Contract>();

/** Load the contracts that a page needs; afterwards `contractOf` has them at once. */
export async function loadContracts(services: readonly Service[]): Promise<void> {
  await Promise.all(
    services
      .filter((service) => !loaded.has(service))
      .map(async (service) => {
        loaded.set(service, (await loaders[service]()).contract);
      }),
  );
}

export function contractOf(service: Service): Contract {
  const contract = loaded.get(service);
  if (!contract) throw new Error(`The page does not name the service ${service} in its routes.ts.`);
  return contract;
}

export function schemaOf(service: Service, name: string): Schema {
  const schema = contractOf(service).schemas[name];
  if (!schema) throw new Error(`The contract of ${service} has no schema ${name}.`);
  return schema;
}

export function operationOf(service: Service, id: string): Operation {
  const operation = contractOf(service).operations[id];
  if (!operation) throw new Error(`The contract of ${service} has no operation ${id}.`);
  return operation;
}

/** The text of a label in the language of the page. */
export function text(label: Label | undefined, fallback = ""): string {
  return label?.[language() === "zh" ? 0 : 1] ?? fallback;
}

/** The label of a code; a code that the contract does not know shows as itself. */
export function codeText(field: Field | undefined, code: string): string {
  return text(field?.codes?.[code], code);
}
