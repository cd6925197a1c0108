import type { Call, Desk, Reply } from '../call.js';
import type { Person } from '../world/world.js';
import { escape, page } from './html.js';

const MAX_SHOWN = 60;

const html = (status: number, title: string, body: string): Reply => ({ status, body: page(title, body) });

function faultOf(query: URLSearchParams, clientId: string): string | undefined {
  if (query.get('client_id') !== clientId) return 'client_id is not that of the sandbox';
  if (query.get('response_type') !== 'code') return 'response_type must be code';
  if (!/^openid(?: corpid)?$/.test(query.get('scope') ?? '')) return 'scope must be "openid" or "openid corpid"';
  const redirect = query.get('redirect_uri') ?? '';
  return /^https?:\/\//.test(redirect) && URL.canParse(redirect) ? undefined : 'redirect_uri must be a URL';
}

function back(query: URLSearchParams, answer: Readonly<Record<string, string>>): string {
  const url = new URL(query.get('redirect_uri') ?? '');
  for (const [name, value] of Object.entries(answer)) url.searchParams.set(name, value);
  const state = query.get('state');
  if (state !== null) url.searchParams.set('state', state);
  return url.href;
}

function kindOf({ admin, external, userid }: Person): string {
  if (external) return 'external contact';
  if (!userid) return 'not in the organisation';
  return admin ? 'administrator' : 'employee';
}

function chooser(query: URLSearchParams, people: readonly Person[]): Reply {
  const wanted = query.get('find') ?? '';
  const hidden = [...query].filter(([name]) => name !== 'find');
  const inputs = hidden.map(([name, value]) => `<input type="hidden" name="${escape(name)}" value="${escape(value)}">`);
  const found = people.filter(({ name, userid = '' }) => name.includes(wanted) || userid.includes(wanted));
  const links = found.slice(0, MAX_SHOWN).map((person) => {
    const target = `/oauth2/choose?${new URLSearchParams([...hidden, ['who', person.unionId]])}`;
    return `<li><a href="${escape(target)}">${escape(person.name)}<small>${escape(person.userid ?? '')} · ${kindOf(person)}</small></a></li>`;
  });
  const refuse = `/oauth2/choose?${new URLSearchParams([...hidden, ['who', '']])}`;
  return html(
    200,
    'Sign in to DingTalk (sandbox)',
    `<h1>钉钉 · Sign in</h1><p>This is the sandbox: choose who you are. The real page asks for the app on your phone.</p>
    <form>${inputs.join('')}<input name="find" value="${escape(wanted)}" placeholder="name or userId" autofocus>
    <button class="main">Find</button> <a href="${escape(refuse)}">Refuse</a></form>
    <p>${found.length} people, ${Math.min(found.length, MAX_SHOWN)} shown.</p><ul class="people">${links.join('')}</ul>`,
  );
}

/** DingTalk's sign-in page: choose a person and go back with an `authCode`. */
export function signInPage({ path, query }: Call, { world, tokens }: Desk): Reply {
  const fault = faultOf(query, tokens.credentials.clientId);
  if (fault) return html(400, 'Sign in', `<h1 class="bad">${escape(fault)}</h1>`);
  if (path === '/oauth2/auth') return chooser(query, world.people);
  if (path !== '/oauth2/choose') return html(404, 'Sign in', '<h1>There is nothing here.</h1>');
  const person = world.byUnionId(query.get('who'));
  const code = person && tokens.authCode(person.unionId);
  // The real one sends both names.
  const location = back(query, code ? { authCode: code, code } : { error: 'access_denied' });
  return { status: 302, body: '', headers: { location } };
}
