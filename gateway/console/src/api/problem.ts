export interface FieldFault {
  pointer: string;
  code: string;
  detail: string;
}

/** Why a call failed: a problem of the API (RFC 9457), or status 0 when no answer came. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly errors: readonly FieldFault[];
  /** The values of its sentence. */
  readonly params: Readonly<Record<string, any>>;
  readonly requestId: string | undefined;
  /** Seconds after which another try makes sense. */
  readonly retryAfter: number | undefined;

  constructor(status: number, body: Record<string, any>, retryAfter?: number) {
    super(body.detail ?? body.title ?? "");
    this.status = status;
    this.code = body.code ?? "unknown";
    this.errors = body.errors ?? [];
    this.params = body.params ?? {};
    this.requestId = body.request_id;
    this.retryAfter = retryAfter;
  }

  /** Whether nobody knows if the change was made: repeat it, with the same key. */
  get unknownOutcome(): boolean {
    return this.status === 0 || this.status === 502 || this.status === 504;
  }

  /** Whether the service, or the way to it, is down for now. */
  get unavailable(): boolean {
    return this.unknownOutcome || this.status === 503 || this.status === 429;
  }
}

export async function problemOf(response: Response): Promise<Problem> {
  const seconds = Number(response.headers.get("Retry-After"));
  const body = await response.json().catch(() => ({}));
  return new Problem(response.status, body, seconds > 0 ? seconds : undefined);
}
