export const FAULT_KINDS = [
  'latency',
  'hang',
  'reset',
  'cut',
  'truncate',
  'drip',
  'flood',
  'answer',
  'busy',
  'throttle',
  'ban',
  'html',
  'server-error',
  'empty',
  'null',
] as const;

/** A fault of one route, for the next calls of it. */
export interface Fault {
  readonly kind: (typeof FAULT_KINDS)[number];
  /** `POST /topapi/v2/department/update`, or `*` for every route. */
  readonly route: string;
  /** How many calls it hits; all of them where it is left out. */
  times?: number;
  /** Whether what the call asks for is done all the same: its answer is what gets lost. */
  readonly performed?: boolean;
  /** For `latency`, and the end of the penalty that `throttle` tells. */
  readonly ms?: number;
  /** For `flood`. */
  readonly bytes?: number;
  /** For `answer`. */
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export const REFUSALS = ['88/40014', '40014', '42001', '40001'] as const;

export interface SandboxSettings {
  /** How the old generation refuses a token. */
  tokenRefusal: (typeof REFUSALS)[number];
  /** What the app token's `expireIn` says, where it is to say something odd; `"missing"` leaves it out. */
  expireIn?: unknown;
  /** Calls of one route that may come in any one second; more are refused as DingTalk refuses them. */
  qps?: number;
  /** Permissions that the app lacks, by their codes. */
  missingPermissions: readonly string[];
  /** Whether the address of the caller is not on the whitelist of the app. */
  addressRefused: boolean;
  /** How many seconds DingTalk's clock is ahead. */
  clockAheadS: number;
  /** Refuse every token, also the one just given. */
  refuseAllTokens: boolean;
}

const USUAL: SandboxSettings = {
  ...{ tokenRefusal: '88/40014', refuseAllTokens: false },
  ...{ missingPermissions: [], addressRefused: false, clockAheadS: 0 },
};

const isRoute = (route: unknown): route is string =>
  typeof route === 'string' && (route === '*' || /^(?:GET|POST|PUT|DELETE) \/\S+$/.test(route));

/** Reads a fault from a request; says what is wrong with it. */
export function parseFault(fields: Readonly<Record<string, unknown>>): Fault | string {
  const { kind, route } = fields;
  if (!FAULT_KINDS.some((known) => known === kind)) return `kind must be one of ${FAULT_KINDS.join(', ')}`;
  if (!isRoute(route)) return 'route must read `POST /topapi/v2/department/update`, or `*`';
  return fields as unknown as Fault;
}

/** What can be switched at the small DingTalk to make it behave badly. */
export class Levers {
  readonly faults: Fault[] = [];
  readonly settings: SandboxSettings;

  constructor(private readonly usualQps?: number) {
    this.settings = { ...USUAL, qps: usualQps };
  }

  add(fault: Fault): void {
    this.faults.push(fault);
  }

  clear(): void {
    this.faults.length = 0;
    delete this.settings.expireIn;
    Object.assign(this.settings, USUAL, { qps: this.usualQps });
  }

  /** The fault that hits this call, if one does; it is used up by it. */
  take(route: string): Fault | undefined {
    const at = this.faults.findIndex((fault) => fault.route === route || fault.route === '*');
    const fault = this.faults[at];
    if (fault?.times !== undefined) {
      fault.times -= 1;
      if (fault.times <= 0) this.faults.splice(at, 1);
    }
    return fault;
  }
}
