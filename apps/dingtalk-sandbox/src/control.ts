import type { Call, Controls, Reply } from './call.js';
import { REFUSALS, parseFault } from './levers.js';
import { controlPage } from './pages/control.page.js';
import { ROUTES } from './router.js';

const ok = (body: object): Reply => ({ status: 200, body });
const bad = (message: string): Reply => ({ status: 400, body: { message } });
const done = (): Reply => ok({ done: true });

type Action = (call: Call, sandbox: Controls) => Reply;

function issueAuthCode({ query, fields = {} }: Call, { desk }: Controls): Reply {
  const who = query.get('userId') ?? query.get('unionId') ?? fields['userId'] ?? fields['unionId'];
  const person = desk.world.byUserId(who) ?? desk.world.byUnionId(who);
  if (!person) return bad('nobody has this userId or unionId');
  const via = query.get('via') ?? fields['via'] ?? 'login';
  if (via !== 'login' && via !== 'in-app') return bad('via must be login or in-app');
  return ok({ authCode: desk.tokens.authCode(person.unionId, via), via });
}

function revoke({ fields = {} }: Call, { desk }: Controls): Reply {
  const { kind = 'all' } = fields;
  if (kind !== 'app' && kind !== 'user' && kind !== 'all') return bad('kind must be app, user or all');
  return ok({ revoked: desk.tokens.revoke(kind) });
}

function addFault({ fields = {} }: Call, { levers }: Controls): Reply {
  const fault = parseFault(fields);
  if (typeof fault === 'string') return bad(fault);
  const isKnown = ROUTES.some(({ method, path }) => fault.route === `${method} ${path}`);
  if (!isKnown && fault.route !== '*') return bad('there is no such route: GET /__sandbox/routes tells them');
  levers.add(fault);
  return ok({ faults: levers.faults });
}

const listOf = (value: unknown, type: 'number' | 'string'): boolean =>
  Array.isArray(value) && value.every((item) => typeof item === type);

/** What lies outside the contact scope of the app: `{"departments":[…],"people":[…]}`. */
function limitScope({ fields = {} }: Call, { desk }: Controls): Reply {
  const { departments = [], people = [] } = fields;
  if (!listOf(departments, 'number')) return bad('departments must be a list of numbers');
  if (!listOf(people, 'string')) return bad('people must be a list of userIds');
  desk.world.outOfScope = { departments: departments as number[], people: people as string[] };
  return ok(desk.world.outOfScope);
}

/** Each setting: what is wrong with a value, or what it is set to. */
const SETTINGS: Readonly<Record<string, (value: unknown) => { wrong: string } | { value: unknown }>> = {
  tokenRefusal: (value) =>
    REFUSALS.some((known) => known === value) ? { value } : { wrong: `must be one of ${REFUSALS.join(', ')}` },
  qps: (value) =>
    Number.isSafeInteger(value) && Number(value) >= 0
      ? { value: Number(value) || undefined }
      : { wrong: 'must be a whole number; 0 for no limit' },
  refuseAllTokens: (value) => ({ value: value === true }),
  addressRefused: (value) => ({ value: value === true }),
  expireIn: (value) => ({ value }),
  missingPermissions: (value) =>
    listOf(value, 'string') ? { value } : { wrong: 'must be a list of codes of permissions' },
  clockAheadS: (value) => (typeof value === 'number' ? { value } : { wrong: 'must be a number of seconds' }),
};

function change({ fields = {} }: Call, { levers: { settings } }: Controls): Reply {
  const read = Object.entries(SETTINGS).flatMap(([name, readValue]) =>
    name in fields ? [{ name, ...readValue(fields[name]) }] : [],
  );
  for (const one of read) if ('wrong' in one) return bad(`${one.name} ${one.wrong}`);
  for (const one of read) if ('value' in one) Object.assign(settings, { [one.name]: one.value });
  return ok(settings);
}

const world: Action = (_, { desk }) =>
  ok({
    departments: [...desk.world.departments.values()],
    people: desk.world.people.map(({ userid, unionId, name, admin, external, departments }) => ({
      ...{ userId: userid, unionId, name, admin, external, departments },
    })),
  });

const ACTIONS: Readonly<Record<string, Action>> = {
  'GET /': (_, sandbox) => ({ status: 200, body: controlPage(sandbox) }),
  'GET /__sandbox': (_, sandbox) => ({ status: 200, body: controlPage(sandbox) }),
  'GET /__sandbox/world': world,
  'GET /__sandbox/calls': ({ query }, { journal }) => ok({ calls: journal.all(query.get('path') ?? undefined) }),
  'DELETE /__sandbox/calls': (_, { journal, quota }) => (journal.clear(), quota.clear(), done()),
  'GET /__sandbox/rates': (_, { quota }) => ok({ rates: quota.told() }),
  'GET /__sandbox/routes': () => ok({ routes: ROUTES.map(({ method, path }) => `${method} ${path}`) }),
  'GET /__sandbox/faults': (_, { levers }) => ok({ faults: levers.faults }),
  'POST /__sandbox/faults': addFault,
  'DELETE /__sandbox/faults': (_, { levers }) => (levers.clear(), done()),
  'PUT /__sandbox/settings': change,
  'PUT /__sandbox/out-of-scope': limitScope,
  'GET /__sandbox/settings': (_, { levers }) => ok(levers.settings),
  'GET /__sandbox/auth-code': issueAuthCode,
  'POST /__sandbox/auth-code': issueAuthCode,
  'POST /__sandbox/tokens/revoke': revoke,
  'POST /__sandbox/reset': (_, sandbox) => (sandbox.reset(), done()),
};

/** The control page and its API: what was called, and levers for what goes wrong. */
export function control(call: Call, sandbox: Controls): Reply {
  const action = ACTIONS[`${call.method} ${call.path}`];
  return action
    ? action(call, sandbox)
    : { status: 404, body: { message: `known are ${Object.keys(ACTIONS).join(', ')}` } };
}
