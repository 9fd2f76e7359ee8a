import { language } from "../i18n/start.ts";
import type { Service } from "./contract.ts";
import { operations } from "./generated/operations.ts";
import type { Operations, Schemas } from "./generated/types/services.ts";
import { Problem, problemOf } from "./problem.ts";

export type { Operations, Schemas };
export type OperationId<S extends Service> = keyof Operations[S] & string;
type Of<S extends Service, O extends OperationId<S>> = Operations[S][O];

export type PathOf<S extends Service, O extends OperationId<S>> =
  Of<S, O> extends { parameters: { path: infer P } } ? P : undefined;
export type QueryOf<S extends Service, O extends OperationId<S>> =
  Of<S, O> extends { parameters: { query?: infer Q } } ? Q : undefined;
export type BodyOf<S extends Service, O extends OperationId<S>> =
  Of<S, O> extends { requestBody?: { content: { "application/json": infer B } } } ? B : undefined;
type Content<R> = R extends { content: { "application/json": infer A } } ? A : undefined;
export type AnswerOf<S extends Service, O extends OperationId<S>> =
  Of<S, O> extends { responses: infer R } ? Content<R[keyof R & (200 | 201 | 202)]> : never;

export interface Options<S extends Service, O extends OperationId<S>> {
  path?: PathOf<S, O>;
  query?: QueryOf<S, O>;
  body?: BodyOf<S, O>;
  /** The version that the change builds on. */
  etag?: string;
  /** A repeat with the same key has no second effect. */
  key?: string;
  signal?: AbortSignal;
}

/** An answer, and the version of the record in it. */
export interface Loaded<T> {
  data: T;
  etag: string | undefined;
}

/** What a tab does when its session has ended: ask for the password and return, then the call is repeated. */
let signInAgain: (() => Promise<void>) | undefined;

export function onSessionEnd(handler: () => Promise<void>): void {
  signInAgain = handler;
}

/** Called with the version of the console that the gateway serves, as named in each answer. */
let noticeVersion: ((version: string) => void) | undefined;

export function onVersion(handler: (version: string) => void): void {
  noticeVersion = handler;
}

/** Milliseconds after which people want to know that an answer is still on its way. */
const LONG = 8_000;

let late = 0;
let noticeLate: ((late: boolean) => void) | undefined;

/** Called when an answer is late, and when none is any more. */
export function onLate(handler: (late: boolean) => void): void {
  noticeLate = handler;
}

/** Wait for an answer, and say so when it is late. */
async function awaited(answer: Promise<Response>): Promise<Response> {
  let isLate = false;
  const count = (change: number) => {
    isLate = change > 0;
    late += change;
    noticeLate?.(late > 0);
  };
  const timer = setTimeout(() => count(1), LONG);
  try {
    return await answer;
  } finally {
    clearTimeout(timer);
    if (isLate) count(-1);
  }
}

/** The address of an operation. Lists in the query are joined by commas, as the contract says. */
export function addressOf(
  service: Service,
  id: string,
  path: Record<string, unknown> = {},
  query: Record<string, unknown> = {},
): { method: string; url: string } {
  const line = operations[service]?.[id];
  if (!line) throw new Error(`The contract of ${service} has no operation ${id}.`);
  const [method, template] = line.split(" ") as [string, string];
  const place = template.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(String(path[name])));
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== "");
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return { method, url: search ? `${place}?${search}` : place };
}

/** Call an operation of the contract; throws a `Problem`. */
export async function call<S extends Service, O extends OperationId<S>>(
  service: S,
  id: O,
  options: Options<S, O> = {},
): Promise<Loaded<AnswerOf<S, O>>> {
  const { method, url } = addressOf(service, id, options.path as never, options.query as never);
  const response = await send(method, url, options.body, options);
  const data = response.status === 204 ? undefined : await readJson(response);
  return { data, etag: response.headers.get("ETag") ?? undefined };
}

interface Sending {
  /** False for signing in itself. */
  signIn?: boolean;
  etag?: string | undefined;
  key?: string | undefined;
  signal?: AbortSignal | undefined;
}

/** Send a request with the session's cookie; asks for the password, once, where the session has ended. */
export async function send(
  method: string,
  url: string,
  body?: unknown,
  options: Sending = {},
): Promise<Response> {
  let response = await reach(method, url, body, options);
  if (response.status === 401 && signInAgain && options.signIn !== false) {
    await signInAgain();
    response = await reach(method, url, body, options);
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

async function reach(method: string, url: string, body: unknown, options: Sending): Promise<Response> {
  const headers = new Headers({ "Accept-Language": language(), "X-Kehu-Console": "1" });
  if (body !== undefined) headers.set("Content-Type", "application/json");
  if (options.etag) headers.set("If-Match", options.etag);
  if (options.key) headers.set("Idempotency-Key", options.key);
  const payload = body === undefined ? null : JSON.stringify(body);
  try {
    const signal = options.signal ?? null;
    const response = await awaited(fetch(url, { method, headers, body: payload, signal }));
    const version = response.headers.get("X-Kehu-Version");
    if (version) noticeVersion?.(version);
    return response;
  } catch (fault) {
    if (options.signal?.aborted) throw fault;
    throw new Problem(0, { code: "no-connection" });
  }
}

async function readJson(response: Response): Promise<any> {
  try {
    return await response.json();
  } catch {
    // The connection ended within the answer: the change may have been made.
    throw new Problem(0, { code: "no-connection" });
  }
}
