/**
 * What the schema of a kind of record may be called in the contract of its service: service_request is a
 * ServiceRequest, or a Request for short.
 */
export function schemaNames(recordType: string): string[] {
  const words = recordType.split(/[_-]/).map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return [words.join(""), words.at(-1) ?? ""];
}
