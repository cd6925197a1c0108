// DingTalk as lean as can be: raw sockets, fixed answers, after a delay if asked. Not the sandbox, which would be the slowest part.
// node upstream.mjs PORT DELAY_MS DEPARTMENTS
import { createServer } from 'node:net';

const [port, delayMs, departments] = process.argv.slice(2).map(Number);
const END = Buffer.from('\r\n\r\n');

function answer(body) {
  const text = JSON.stringify(body);
  return `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\nconnection: keep-alive\r\n\r\n${text}`;
}

const profile = (unionId) =>
  answer({
    ...{ nick: 'Li Si', avatarUrl: 'https://static.dingtalk.com/media/an-avatar.jpg', mobile: '13800000000' },
    ...{ openId: 'an-open-id', unionId, email: 'lisi@example.com', stateCode: '86' },
  });
const old = (result) => answer({ errcode: 0, errmsg: 'ok', result, request_id: 'a-request' });
const employee = (userid) => old({ userid, unionid: `union-${userid}`, name: 'Li Si', title: 'Engineer', admin: true });

/** A tree in which each department has ten below it, as long as there are any. */
const below = (id) => Array.from({ length: 10 }, (_, at) => 10 * id - 8 + at).filter((child) => child <= departments);
const department = (id, parent) => ({ dept_id: id, name: `Department ${id}`, parent_id: parent });

/** The department that has as many people as anybody asks for, others each time; the other departments have none. */
const CROWDED = 999_999;
let person = 0;
const crowd = (size) =>
  Array.from({ length: size }, () => ({ userid: `user${(person += 1)}`, name: 'Li Si', dept_id_list: [CROWDED] }));

/** By what is asked of a department. */
const directory = {
  '/topapi/v2/department/get': ({ dept_id: id }) => department(id, 1),
  '/topapi/v2/department/listsub': ({ dept_id: id }) => below(id).map((child) => department(child, id)),
  '/topapi/v2/user/list': ({ dept_id: id, size }) => ({ list: id === CROWDED ? crowd(size) : [], has_more: false }),
};

const HOUR_S = 7200;
const fixed = {
  '/v1.0/oauth2/accessToken': answer({ accessToken: 'a-token-of-the-app', expireIn: HOUR_S }),
  '/v1.0/oauth2/userAccessToken': answer({
    ...{ accessToken: 'a-token-of-the-person', refreshToken: 'a-refresh-token' },
    ...{ expireIn: HOUR_S, corpId: 'dingbench' },
  }),
  '/v1.0/contact/users/me': profile('union-lisi'),
  '/topapi/user/getbyunionid': old({ contact_type: 0, userid: 'lisi' }),
};
const [before, after] = profile('~').split('~');
const ID_AT = '/v1.0/contact/users/'.length;

function answerTo(path, body) {
  const known = fixed[path];
  if (known) return known;
  if (path.startsWith('/v1.0/contact/users/')) return profiles(path.slice(ID_AT));
  if (path in directory) return old(directory[path](JSON.parse(body)));
  return employee(/"?userid"?[:=]"?([\w-]+)/.exec(body)?.[1] ?? 'lisi');
}

/** Ids of one length share all but the id. */
const heads = new Map();
function profiles(unionId) {
  let head = heads.get(unionId.length);
  if (!head) {
    const length = Number(/content-length: (\d+)/.exec(before)[1]);
    head = before.replace(/content-length: \d+/, `content-length: ${length - 1 + unionId.length}`);
    heads.set(unionId.length, head);
  }
  return head + unionId + after;
}

/** @returns what is left of it: a request that has not come whole. */
function answerAll(data, send) {
  let from = 0;
  for (;;) {
    const headEnd = data.indexOf(END, from);
    if (headEnd < 0) return data.subarray(from);
    const head = data.latin1Slice(from, headEnd);
    const length = head.startsWith('GET') ? 0 : Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
    const end = headEnd + END.length + length;
    if (end > data.length) return data.subarray(from);
    const pathFrom = head.indexOf(' ') + 1;
    const pathEnd = head.indexOf(' ', pathFrom);
    const query = head.indexOf('?', pathFrom);
    const path = head.slice(pathFrom, query > 0 && query < pathEnd ? query : pathEnd);
    send(answerTo(path, length > 0 ? data.utf8Slice(headEnd + END.length, end) : ''));
    from = end;
    if (from === data.length) return undefined;
  }
}

createServer({ noDelay: true }, (socket) => {
  let left;
  const write = (text) => socket.write(text, 'utf8');
  const send = delayMs > 0 ? (text) => setTimeout(write, delayMs, text) : write;
  socket.on('data', (data) => {
    left = answerAll(left ? Buffer.concat([left, data]) : data, send);
  });
  socket.on('error', () => socket.destroy());
}).listen(port, '127.0.0.1');
