import { Injectable } from '@nestjs/common';
import { Failure } from '#contract';
import { DingTalkClient } from '#dingtalk';
import { getDepartment } from '../department/department.endpoints.js';
import { updateDepartment } from '../department/department-writes.endpoints.js';
import { getEmployee, listMembers } from '../employee/employee.endpoints.js';
import { type ContactScope, getContactScope } from './app.endpoints.js';

/** A permission of DingTalk's console, and what the gateway needs it for. */
interface Permission {
  readonly code: string;
  /** As the console calls it. */
  readonly title: string;
  readonly opens: string;
}

/** Whether the app has a permission: undefined where it was not asked, or nobody could tell. */
export interface Finding extends Permission {
  readonly granted?: boolean;
  /** Why it is not known, or what DingTalk said. */
  readonly reason: string;
  /** What DingTalk objected to instead, where it let nothing through at all. */
  readonly refusedBy?: 'address' | 'scope' | 'other';
}

interface Probe extends Permission {
  /** A call that changes nothing and does not count against the month's quota; without one it is not asked. */
  readonly ask?: (client: DingTalkClient) => Promise<unknown>;
  readonly notAsked?: string;
}

/** Nobody and nothing has these: DingTalk says so to whoever may ask. */
const NOBODY = 'gateway-doctor-asks-for-nobody';
const NOWHERE = '999999999999999';

const METERED = 'not asked: it counts against the month’s calls';

const ROOT = '1';

/** A change of what does not exist changes nothing; whether it exists is asked first. */
async function changeNothing(client: DingTalkClient): Promise<unknown> {
  const found = await client.send(getDepartment, { id: NOWHERE }).then(
    () => true,
    (error: unknown) => !(error instanceof Failure && error.code === 'NOT_FOUND'),
  );
  if (found) throw new Failure('INTERNAL', undefined, { note: 'not asked: no department is known not to exist' });
  return client.send({ ...updateDepartment, effect: 'read' }, { id: NOWHERE, changes: {} });
}

const PROBES: readonly Probe[] = [
  {
    ...{ code: 'qyapi_get_department_list', title: '通讯录部门信息读权限', opens: 'departments' },
    ask: (client) => client.send(getDepartment, { id: ROOT }),
  },
  {
    ...{ code: 'qyapi_get_department_member', title: '通讯录部门成员读权限', opens: 'members of departments, exports' },
    ask: (client) => client.send(listMembers, { deptId: ROOT, start: 0, size: 1 }),
  },
  {
    ...{ code: 'qyapi_get_member', title: '成员信息读权限', opens: 'employees, and every sign-in' },
    ask: (client) => client.send(getEmployee, { userId: NOBODY }),
  },
  {
    ...{
      code: 'qyapi_manage_addresslist',
      title: '维护通讯录的接口访问权限',
      opens: 'changes of departments and employees',
    },
    ask: changeNothing,
  },
  {
    ...{ code: 'qyapi_addresslist_search', title: '通讯录搜索', opens: 'search of employees' },
    notAsked: METERED,
  },
  {
    ...{
      code: 'Contact.OrgAccount.VisiblityInOtherOrg',
      title: '企业账号对外可见',
      opens: 'visibility of enterprise accounts',
    },
    notAsked: METERED,
  },
  {
    ...{ code: 'Contact.User.Read', title: '通讯录个人信息读权限', opens: 'profiles of people who sign in' },
    notAsked: 'not asked: the first sign-in shows it',
  },
  {
    ...{ code: 'Contact.User.mobile', title: '个人手机号信息', opens: 'mobile numbers in profiles' },
    notAsked: 'not asked: the first sign-in shows it',
  },
];

const ADDRESS = new Set(['60020', 'Forbidden.AccessDenied.IpNotInWhiteList']);
const SCOPE = new Set(['50002', '50004']);

/** What DingTalk's answer tells of the permission: whoever lacks it is not told that nothing is there. */
function readingOf(error: unknown): Pick<Finding, 'granted' | 'reason' | 'refusedBy'> {
  if (!(error instanceof Failure)) throw error;
  const { code, details } = error;
  const { dingtalkCode = '', note } = details;
  if (code === 'NOT_FOUND' || code === 'REJECTED') return { granted: true, reason: 'granted' };
  const reason = dingtalkCode === '' ? `${code}${note ? `: ${note}` : ''}` : `${code}, DingTalk’s code ${dingtalkCode}`;
  if (code !== 'DINGTALK_NOT_PERMITTED') return { reason };
  if (ADDRESS.has(dingtalkCode)) return { reason, refusedBy: 'address' };
  // What lies outside the contact scope is refused to whoever has the permission.
  if (SCOPE.has(dingtalkCode))
    return { granted: true, reason: 'granted, but not for the root department', refusedBy: 'scope' };
  return { granted: false, reason, refusedBy: 'other' };
}

/** What the app may do at DingTalk, found out by calls that do no harm and cost nothing. */
@Injectable()
export class AppPermissions {
  constructor(private readonly client: DingTalkClient) {}

  /** Each in turn: DingTalk bans who asks too fast. */
  async *check(): AsyncGenerator<Finding> {
    for (const { ask, notAsked = '', ...permission } of PROBES) {
      if (!ask) yield { ...permission, reason: notAsked };
      else {
        const told = await ask(this.client).then(() => ({ granted: true, reason: 'granted' }), readingOf);
        yield { ...permission, ...told };
      }
    }
  }

  /** @throws Failure as any call. */
  contactScope(): Promise<ContactScope> {
    return this.client.send(getContactScope, {});
  }
}
