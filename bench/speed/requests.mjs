// What is asked: raw requests; `{id}` stands for an id that differs each time.
const FIELDS = 'nick avatarUrl mobile unionId email stateCode';

const head = (method, path, headers = {}) => {
  const lines = Object.entries({ host: '127.0.0.1', accept: 'application/json', ...headers });
  return `${method} ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}`;
};

const get = (path, headers) => ({ head: head('GET', path, headers), body: '' });
const graphql = (query, variables, headers) => ({
  head: head('POST', '/graphql', { 'content-type': 'application/json', ...headers }),
  body: JSON.stringify({ query, ...(variables && { variables }) }),
});

/** One profile by GraphQL, its id in a variable. */
export const profile = (headers, type = 'ID!') =>
  graphql(`query Profile($unionId: ${type}) { user(unionId: $unionId) { ${FIELDS} } }`, { unionId: '{id}' }, headers);

/** The same, its id in the document. */
export const inline = (headers) => graphql(`{ user(unionId: "{id}") { ${FIELDS} } }`, undefined, headers);

/** The same by REST. */
export const rest = (headers) => get('/v1/users/{id}', headers);

/** The same of DingTalk itself, for what only forwards. */
export const forwarded = () => get('/v1.0/contact/users/{id}');

/** As many documents as there are marks. */
export const documents = (headers) =>
  graphql(`query Document { a{mark}: user(unionId: "{id}") { ${FIELDS} } }`, undefined, headers);

const as = (key) => ({ authorization: `Bearer ${key}` });

/** Somebody's key by the mark. */
export const callers = () =>
  graphql(
    'query One($userId: ID!) { employee(userId: $userId) { userId name title } }',
    { userId: '{id}' },
    as('key-of-caller-{mark}-of-the-bench'),
  );

/** A page of a department, and of each person on it what the page does not tell. */
export const members = (count, key) =>
  graphql(
    `query Members { department(id: "999999") { members(first: ${count}) { nodes { userId name roleList { id } } } } }`,
    undefined,
    as(key),
  );

/** So many people in one operation. */
export function people(count, headers) {
  const names = Array.from({ length: count }, (_, index) => `u${index}`);
  const variables = names.map((name) => `$${name}: ID!`).join(', ');
  const fields = names.map((name) => `${name}: user(unionId: $${name}) { ${FIELDS} }`).join(' ');
  const ids = Object.fromEntries(names.map((name) => [name, '{id}']));
  return graphql(`query People(${variables}) { ${fields} }`, ids, headers);
}
