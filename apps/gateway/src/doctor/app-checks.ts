import type { AppPermissions, AppFinding } from '#contact';
import { Failure } from '#contract';
import type { AppTokens } from '#dingtalk';
import { AT_DINGTALK } from './console.js';
import type { Finding } from './finding.js';

/** Whether DingTalk knows the app. */
export async function checkCredentials(appTokens: AppTokens): Promise<Finding> {
  const name = 'credentials';
  try {
    await appTokens.get();
    return { name, verdict: 'ok', found: 'DingTalk gives the app a token' };
  } catch (error) {
    const { code, details } = error instanceof Failure ? error : new Failure('INTERNAL');
    const told = details.dingtalkCode ? `, DingTalk’s code ${details.dingtalkCode}` : '';
    const isWrong = code === 'DINGTALK_TOKEN_REFUSED';
    return {
      ...{ name, verdict: isWrong ? 'wrong' : 'unsure', found: `no token: ${code}${told}` },
      todo: isWrong
        ? `DINGTALK_CLIENT_ID and DINGTALK_CLIENT_SECRET must be those of ${AT_DINGTALK.credentials}`
        : 'Run this again when DingTalk answers.',
    };
  }
}

function permissionFinding({ code, title, opens, granted, reason }: AppFinding): Finding {
  const name = `permission ${code}`;
  const found = `${reason} (${opens})`;
  const todo = AT_DINGTALK.permission(code, title);
  if (granted === true) return { name, verdict: 'ok', found };
  if (granted === false) return { name, verdict: 'wrong', found, todo };
  return reason.startsWith('not asked') ? { name, verdict: 'note', found, todo } : { name, verdict: 'unsure', found };
}

/** What the app may do. An address that is not allowed keeps everything back: then it is told once. */
export async function* checkPermissions(permissions: AppPermissions): AsyncGenerator<Finding> {
  let isAddressTold = false;
  for await (const finding of permissions.check()) {
    if (finding.refusedBy === 'address') {
      if (isAddressTold) continue;
      isAddressTold = true;
      yield {
        name: 'address',
        verdict: 'wrong',
        found: 'not on the whitelist of the app',
        todo: AT_DINGTALK.addresses,
      };
    } else if (!isAddressTold) {
      yield permissionFinding(finding);
    }
  }
  if (isAddressTold) return;
  yield { name: 'address', verdict: 'ok', found: 'DingTalk takes calls from here' };
  yield await checkScope(permissions);
}

/** The part of the organisation that the app sees: everything else is as if it were not there. */
async function checkScope(permissions: AppPermissions): Promise<Finding> {
  const name = 'contact scope';
  try {
    const { departmentIds, people, fields } = await permissions.contactScope();
    const hidden = ['mobile', 'email'].filter((field) => !fields.includes(field));
    const told = hidden.length > 0 ? `; not seen of people: ${hidden.join(', ')}` : '';
    if (departmentIds.includes('1')) return { name, verdict: 'ok', found: `the whole organisation${told}` };
    const found = `${departmentIds.length} departments and ${people} people besides, not the whole organisation${told}`;
    return { name, verdict: 'note', found, todo: AT_DINGTALK.scope };
  } catch (error) {
    const code = error instanceof Failure ? error.code : 'INTERNAL';
    return { name, verdict: 'unsure', found: `DingTalk does not tell: ${code}` };
  }
}
