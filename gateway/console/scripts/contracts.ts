// Writes src/api/generated/ from ../../contracts: what the pages read of the contract at run time.
//   operations.ts   every operation's method and path, and the permissions' labels: in the first load
//   <service>.ts    fields with their labels, rules and codes, per service: loaded with its pages
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

type Json = { [key: string]: any };
type Label = [zh: string, en: string];

const contracts = join(import.meta.dirname, "../../../contracts");
const target = join(import.meta.dirname, "../src/api/generated");
const METHODS = ["get", "post", "put", "patch", "delete"];

function label(of: Json | undefined): Label | undefined {
  return of && [of.zh, of.en];
}

/** A code without a label must not reach a page, so it ends the build. */
function codes(schema: Json, place: string): Json | undefined {
  if (!schema.enum) return undefined;
  return Object.fromEntries(
    schema.enum
      .filter((code: unknown) => code !== null)
      .map((code: string) => {
        const found = label(schema["x-labels"]?.[code]);
        if (!found) throw new Error(`${place}: the code ${code} has no label (x-labels).`);
        return [code, found];
      }),
  );
}

function kind(schema: Json): string {
  const types = [schema.type ?? "any"].flat().filter((type) => type !== "null");
  const type = types[0] ?? "any";
  if (type !== "string") return type;
  if (schema.format === "date") return "date";
  if (schema.format?.startsWith("date-time")) return "moment";
  if (schema.format === "uuid") return "id";
  if (schema.pattern && schema.example && /^[0-9]+\.[0-9]+$/.test(String(schema.example))) return "amount";
  return "text";
}

/** What may be null and has codes is written as one of two schemas; here it is a field as any other. */
function plain(schema: Json): Json {
  const given = schema.anyOf?.find((one: Json) => one.type !== "null");
  return given ? { ...schema, ...given, type: [given.type, "null"] } : schema;
}

function field(written: Json, place: string): Json {
  const schema = plain(written);
  const known: Json = {
    label: label(schema["x-label"]),
    kind: kind(schema),
    nullable: [schema.type].flat().includes("null") || undefined,
    readOnly: schema.readOnly,
    min: schema.minimum,
    max: schema.maximum,
    minLength: schema.minLength || undefined,
    maxLength: schema.maxLength ?? schema.maxItems,
    pattern: schema.pattern,
    default: schema.default,
    secret: schema.writeOnly || schema.format === "password" || undefined,
    codes: codes(schema, place) ?? (schema.items && codes(schema.items, place)),
    item: schema.type === "array" && schema.items?.type ? kind(schema.items) : undefined,
    schema: (schema.$ref ?? schema.items?.$ref)?.split("/").at(-1),
  };
  return Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
}

function fields(properties: Json | undefined, place: string): Json {
  return Object.fromEntries(
    Object.entries(properties ?? {}).map(([name, schema]) => [name, field(schema, `${place}.${name}`)]),
  );
}

function schemaName(content: Json | undefined): string | undefined {
  return content?.["application/json"]?.schema?.$ref?.split("/").at(-1);
}

function operation(spec: Json): Json {
  const query = (spec.parameters ?? []).filter((parameter: Json) => parameter.in === "query");
  const succeeded = Object.keys(spec.responses).find((status) => status.startsWith("2"));
  return {
    permission: spec["x-permission"],
    query: Object.fromEntries(
      query.map((parameter: Json) => [
        parameter.name,
        { ...field(parameter.schema, parameter.name), label: label(parameter["x-label"]) },
      ]),
    ),
    body: schemaName(spec.requestBody?.content),
    answer: schemaName(spec.responses[succeeded ?? ""]?.content),
  };
}

function write(name: string, text: string): void {
  writeFileSync(join(target, name), `// Written by scripts/contracts.ts; not committed.\n${text}`);
}

const lines: Json = {};
const permissions: Json = {};
mkdirSync(target, { recursive: true });
for (const file of readdirSync(join(contracts, "openapi")).sort()) {
  const service = basename(file, ".json");
  const contract = JSON.parse(readFileSync(join(contracts, "openapi", file), "utf8"));
  const operations: Json = {};
  lines[service] = {};
  for (const [path, methods] of Object.entries<Json>(contract.paths)) {
    for (const method of METHODS.filter((name) => methods[name])) {
      const spec = methods[method];
      operations[spec.operationId] = operation(spec);
      lines[service][spec.operationId] = `${method.toUpperCase()} ${path}`;
    }
  }
  for (const [name, texts] of Object.entries<Json>(contract["x-permissions"] ?? {}))
    permissions[name] = label(texts);
  const schemas = Object.fromEntries(
    Object.entries<Json>(contract.components.schemas).map(([name, schema]) => [
      name,
      { fields: fields(schema.properties, `${service}.${name}`), required: schema.required ?? [] },
    ]),
  );
  write(
    `${service}.ts`,
    `import type { Contract } from "../contract";\n\nexport const contract: Contract = ${JSON.stringify({ schemas, operations })};\n`,
  );
}
const roles = JSON.parse(readFileSync(join(contracts, "roles.json"), "utf8"));
const roleLabels = Object.fromEntries(roles.map((role: Json) => [role.name, label(role.label)]));
write(
  "operations.ts",
  `export const operations: Record<string, Record<string, string>> = ${JSON.stringify(lines)};
export const permissions: Record<string, [zh: string, en: string]> = ${JSON.stringify(permissions)};
export const roles: Record<string, [zh: string, en: string]> = ${JSON.stringify(roleLabels)};\n`,
);
