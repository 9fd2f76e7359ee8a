// Writes src/api/generated/types/: the contract's types, for the compiler alone; the build does without them.
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import openapiTS, { astToString } from "openapi-typescript";

const contracts = join(import.meta.dirname, "../../../contracts/openapi");
const target = join(import.meta.dirname, "../src/api/generated/types");
const services: string[] = [];
mkdirSync(target, { recursive: true });
for (const file of readdirSync(contracts).sort()) {
  const service = basename(file, ".json");
  const types = await openapiTS(pathToFileURL(join(contracts, file)));
  writeFileSync(join(target, `${service}.ts`), astToString(types));
  services.push(service);
}
const imports = services.map(
  (service) => `import type * as ${service.replaceAll("-", "_")} from "./${service}.ts";`,
);
const members = (part: string) =>
  services.map((service) => `  "${service}": ${service.replaceAll("-", "_")}.${part};`).join("\n");
writeFileSync(
  join(target, "services.ts"),
  `${imports.join("\n")}

export interface Operations {
${members("operations")}
}

export interface Schemas {
${members('components["schemas"]')}
}
`,
);
