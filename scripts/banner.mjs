/** The key that the sandbox's gateway knows. It opens nothing but the sandbox on this machine. */
export const DEMO_KEY = 'demo-key-of-the-sandbox';

export const DEMO_APP = {
  id: 'demo',
  scopes: [
    ...['department:read', 'department:write', 'employee:read', 'employee:write'],
    ...['user:read:mobile', 'user:read:email', 'session:end'],
    ...['org-account:read', 'org-account:write', 'audit:read'],
  ],
};

const JSON_TYPE = "-H 'content-type: application/json'";

/** Calls to paste; a test runs them as they stand here. */
function calls({ gateway, sandbox }) {
  const key = `-H 'authorization: Bearer ${DEMO_KEY}'`;
  return [
    {
      does: 'Sign in as 李四 and read the profile (REST, with the person’s own token)',
      command: [
        `curl -s -c cookies.txt ${gateway}/session ${JSON_TYPE} -d "$(curl -s '${sandbox}/__sandbox/auth-code?userId=lisi')" &&`,
        `curl -s -b cookies.txt ${gateway}/v1/users/me -H 'x-csrf: 1'; echo; rm -f cookies.txt`,
      ].join(' \\\n  '),
    },
    {
      does: 'Change a department and read it back (GraphQL)',
      command: [
        `curl -s ${gateway}/graphql ${key} ${JSON_TYPE}`,
        `-d '{"query":"mutation { updateDepartment(id: \\"9007199254740991\\", changes: { name: \\"全球事业部\\" }) { department { id name } changes { field before after } } }"}'; echo`,
      ].join(' \\\n  '),
    },
    {
      does: 'Let another organisation see the mobile numbers of our enterprise accounts (REST)',
      command: [
        `curl -s -X PUT ${gateway}/v1/org-accounts/visibility ${key} ${JSON_TYPE}`,
        `-d '{"toCorpIds":["ding12345678"],"optUserId":"102530009661373952"}'; echo`,
      ].join(' \\\n  '),
    },
    {
      does: 'Ask who let whom see what, and who changed what (REST)',
      command: [
        `curl -s ${gateway}/v1/org-accounts/visibility ${key};`,
        `curl -s '${gateway}/v1/audit-events?limit=2' ${key}; echo`,
      ].join(' \\\n  '),
    },
  ];
}

/** What is printed once both run. */
export function banner({ gateway, sandbox, color = false }) {
  const paint = (code, text) => (color ? `\u001b[${code}m${text}\u001b[0m` : text);
  const [bold, dim, blue] = [(text) => paint(1, text), (text) => paint(2, text), (text) => paint(36, text)];
  const line = (name, url, note) => `  ${name.padEnd(10)} ${blue(url.padEnd(32))} ${dim(note)}`;
  return [
    '',
    `  ${bold('DingTalk contact gateway')} ${dim('against a sandbox DingTalk on this machine')}`,
    '',
    line('GraphQL', `${gateway}/graphql`, 'explorer; paste the header below'),
    line('REST', `${gateway}/docs`, 'every call, to try out'),
    line('Sign in', `${gateway}/session/login?returnTo=/graphql`, 'as one of its people, in the browser'),
    line('Sandbox', sandbox, 'calls received, faults to switch on'),
    line('Demo key', DEMO_KEY, `{"Authorization": "Bearer ${DEMO_KEY}"}`),
    '',
    '  Calls to paste:',
    ...calls({ gateway, sandbox }).flatMap(({ does, command }) => ['', `  ${dim(`# ${does}`)}`, command]),
    '',
    `  ${dim('Ctrl+C stops both.')}`,
    '',
  ].join('\n');
}
