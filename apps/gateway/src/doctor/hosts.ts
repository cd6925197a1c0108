import type { Settings } from '#config';
import type { Finding } from './finding.js';

const ANSWERS_MS = 5000;
/** DingTalk tells the end of a penalty by its own clock, and JWTs end by ours. */
const MOST_SKEW_S = 30;

interface Reached {
  readonly finding: Finding;
  /** How far our clock is ahead of the host's. */
  readonly skewS?: number;
}

const TODO: Readonly<Record<string, string>> = {
  ENOTFOUND: 'The name is not known: look at the resolver (/etc/resolv.conf) and at the variable.',
  EAI_AGAIN: 'The resolver does not answer: look at /etc/resolv.conf.',
  ECONNREFUSED: 'Nobody listens there: look at the variable.',
  TimeoutError: 'A firewall may be in between: port 443 of this host must be open outwards.',
};

function reasonOf(error: unknown): string {
  const { name, cause } = error as { name: string; cause?: { code?: string } };
  return cause?.code ?? name;
}

async function reach(variable: string, url: string): Promise<Reached> {
  const name = new URL(url).host;
  const startMs = Date.now();
  try {
    const answer = await fetch(url, { method: 'HEAD', redirect: 'manual', signal: AbortSignal.timeout(ANSWERS_MS) });
    const tookMs = Date.now() - startMs;
    const theirsMs = Date.parse(answer.headers.get('date') ?? '');
    // The header counts whole seconds.
    const skewS = Number.isFinite(theirsMs) ? Math.round((startMs + tookMs / 2 - theirsMs) / 1000) : undefined;
    return { finding: { name, verdict: 'ok', found: `answers in ${tookMs} ms` }, skewS };
  } catch (error) {
    const reason = reasonOf(error);
    const isTls = /CERT|TLS|SSL|SIGNATURE/.test(reason);
    const todo = isTls
      ? 'Something in between answers with a certificate that is not trusted (NODE_EXTRA_CA_CERTS).'
      : TODO[reason];
    return {
      finding: {
        name,
        verdict: 'wrong',
        found: `cannot be reached: ${reason}`,
        todo: `${variable}: ${todo ?? 'look at the network.'}`,
      },
    };
  }
}

function clockFinding(skewsS: readonly number[]): Finding {
  const [skewS] = [...skewsS].sort((a, b) => Math.abs(a) - Math.abs(b));
  const name = 'clock';
  if (skewS === undefined) return { name, verdict: 'unsure', found: 'no host told the time' };
  if (Math.abs(skewS) <= MOST_SKEW_S) return { name, verdict: 'ok', found: `within ${MOST_SKEW_S} s of DingTalk’s` };
  const found = `${Math.abs(skewS)} s ${skewS > 0 ? 'ahead of' : 'behind'} DingTalk’s`;
  return { name, verdict: 'wrong', found, todo: 'Set the clock of this machine by NTP (chrony, systemd-timesyncd).' };
}

/** Whether each host of DingTalk answers, and how our clock stands against theirs. */
export async function checkHosts({
  apiUrl,
  oapiUrl,
  loginUrl,
}: Settings['dingtalk']): Promise<{ hosts: Finding[]; clock: Finding }> {
  const urls = new Map([
    [loginUrl, 'DINGTALK_LOGIN_URL'],
    [oapiUrl, 'DINGTALK_OAPI_URL'],
    [apiUrl, 'DINGTALK_API_URL'],
  ]);
  const reached = await Promise.all([...urls].reverse().map(([url, variable]) => reach(variable, url)));
  const skews = reached.flatMap(({ skewS }) => (skewS === undefined ? [] : [skewS]));
  return { hosts: reached.map(({ finding }) => finding), clock: clockFinding(skews) };
}
