import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { bearer } from './harness/client.js';
import { KEY, TestWorld } from './harness/world.js';

let world: TestWorld;

beforeAll(async () => {
  world = await TestWorld.start();
});
afterAll(() => world.stop());
beforeEach(() => world.reset());

const app = bearer(KEY);
const BIG = '9007199254740991';

/** The one call at that path, as it stood on the wire. */
function wire(path: string) {
  const calls = world.calls(path);
  expect(calls).toHaveLength(1);
  const [call] = calls;
  return { ...call, body: call?.body ? (JSON.parse(call.body) as unknown) : '' };
}

describe('a profile', () => {
  const ZHANG_SAN = {
    unionId: 'z21HjQliSzpw0Yzhangsan',
    openId: 'open-z21HjQliSzpw0Yzhangsan',
    nick: '张三',
    avatarUrl: 'https://static.example.com/z21HjQliSzpw0Yzhangsan.png',
    mobile: '15000009144',
    email: 'z21hjqliszpw0yzhangsan@example.com',
    stateCode: '86',
    loginEmail: null,
    visitor: false,
  };
  const FIELDS = Object.keys(ZHANG_SAN).join(' ');

  it('of the signed-in person is read through both doors', async () => {
    const person = await world.client.signIn(world.authCode('102530009661373952'));
    const rest = await world.client.rest('GET', '/v1/users/me', person);
    const graphql = await world.client.graphql(person, `{ me { ${FIELDS} } }`);
    expect(rest.body).toEqual({ user: ZHANG_SAN });
    expect(graphql.body).toEqual({ data: { me: ZHANG_SAN } });
  });

  it('of somebody else is read through both doors with the asking person’s token', async () => {
    const person = await world.client.signIn(world.authCode('lisi'));
    const rest = await world.client.rest('GET', `/v1/users/${ZHANG_SAN.unionId}`, person);
    const graphql = await world.client.graphql(person, `query($id: ID!) { user(unionId: $id) { ${FIELDS} } }`, {
      id: ZHANG_SAN.unionId,
    });
    const { email: _, loginEmail: __, ...open } = ZHANG_SAN;
    expect(rest.body).toEqual({ user: { ...open, mobile: '150****9144' } });
    expect(graphql.body.data).toEqual({ user: { ...ZHANG_SAN, mobile: null, email: null } });
  });

  it('is asked of DingTalk as seed 004 says: method, path, header, no body', async () => {
    const person = await world.client.signIn(world.authCode('lisi'));
    world.sandbox.journal.clear();
    await world.client.rest('GET', '/v1/users/z21HjQliSzpw0Yzhangsan', person);
    const call = wire('/v1.0/contact/users/z21HjQliSzpw0Yzhangsan');
    expect(call).toMatchObject({ method: 'GET', query: {}, body: '' });
    expect(Object.keys(call.headers ?? {}).sort()).toEqual([
      'accept',
      'connection',
      'host',
      'x-acs-dingtalk-access-token',
    ]);
  });
});

describe('an update of a department', () => {
  const UPDATE = '/topapi/v2/department/update';
  const mutation = `mutation($id: ID!, $changes: DepartmentChanges!) {
    updateDepartment(id: $id, changes: $changes) { department { id name brief order } changes { field before after } } }`;

  it('puts a full set of changes on the wire exactly as seed 003 says', async () => {
    const member = 'lisi';
    world.sandbox.desk.world.byUserId(member)?.departments.push(Number(BIG));
    const answer = await world.client.rest('PATCH', `/v1/departments/${BIG}`, app, {
      parentId: '1',
      outerDept: true,
      hideDept: true,
      createDeptGroup: true,
      order: 10,
      name: 'HR',
      sourceIdentifier: 'HR部门',
      deptPermits: ['3', '4', '5'],
      userPermits: ['100', '200'],
      outerPermitUsers: ['500', '600'],
      outerPermitDepts: ['6', '7', '8'],
      outerDeptOnlySelf: true,
      extension: { 姓名: '张三' },
      language: 'zh_CN',
      autoAddUser: false,
      deptManagerUserIdList: [member],
      groupContainSubDept: true,
      groupContainOuterDept: true,
      groupContainHiddenDept: true,
      orgDeptOwner: member,
      brief: '这是简介',
      telephone: '138xxxx0000',
      autoApproveApply: true,
      hideSceneConfig: { active: true, profile: true, search: true, nodeList: true, chatboxSubtitle: true },
      outerSceneConfig: { active: true, nodeList: false },
      empApplyJoinDept: true,
      code: '10000',
    });
    expect(answer.status).toBe(200);
    const call = wire(UPDATE);
    expect(call).toMatchObject({ method: 'POST', headers: { 'content-type': 'application/json' } });
    expect(Object.keys(call.query ?? {})).toEqual(['access_token']);
    expect(call.headers).not.toHaveProperty('x-acs-dingtalk-access-token');
    expect(call.body).toEqual({
      dept_id: 9007199254740991,
      parent_id: 1,
      outer_dept: true,
      hide_dept: true,
      create_dept_group: true,
      order: 10,
      name: 'HR',
      source_identifier: 'HR部门',
      dept_permits: '3,4,5',
      user_permits: '100,200',
      outer_permit_users: '500,600',
      outer_permit_depts: '6,7,8',
      outer_dept_only_self: true,
      extension: { 姓名: '张三' },
      language: 'zh_CN',
      auto_add_user: false,
      dept_manager_userid_list: member,
      group_contain_sub_dept: true,
      group_contain_outer_dept: true,
      group_contain_hidden_dept: true,
      org_dept_owner: member,
      brief: '这是简介',
      telephone: '138xxxx0000',
      auto_approve_apply: true,
      hide_scene_config: { active: true, profile: true, search: true, node_list: true, chatbox_subtitle: true },
      outer_scene_config: { active: true, node_list: false },
      emp_apply_join_dept: true,
      code: '10000',
    });
    expect(answer.body.department).toMatchObject({
      id: BIG,
      name: 'HR',
      parentId: '1',
      deptPermits: ['3', '4', '5'],
      userPermits: ['100', '200'],
      deptManagerUserIdList: [member],
      extension: { 姓名: '张三' },
      hideSceneConfig: { active: true, profile: true, search: true, nodeList: true, chatboxSubtitle: true },
      outerSceneConfig: { active: true, profile: null, search: null, nodeList: false, chatboxSubtitle: null },
    });
  });

  it('sends nothing but the id and the one change of a minimal call', async () => {
    const answer = await world.client.graphql(app, mutation, { id: BIG, changes: { order: 0 } });
    expect(wire(UPDATE).body).toEqual({ dept_id: 9007199254740991, order: 0 });
    expect(answer.body.data.updateDepartment).toEqual({
      department: { id: BIG, name: '海外事业部', brief: null, order: 0 },
      changes: [{ field: 'order', before: 90, after: 0 }],
    });
  });

  it.each([
    ['an empty list', { deptManagerUserIdList: [] }],
    ['forceUpdateFields alone', { forceUpdateFields: ['deptManagerUserIdList'] }],
    ['both', { deptManagerUserIdList: [], forceUpdateFields: ['deptManagerUserIdList'] }],
  ])('clears the managers by %s, without a list on the wire', async (_, changes) => {
    const department = world.sandbox.desk.world.departments.get(Number(BIG));
    if (department) department['dept_manager_userid_list'] = ['somebody'];
    const answer = await world.client.rest('PATCH', `/v1/departments/${BIG}`, app, changes);
    expect(wire(UPDATE).body).toEqual({
      dept_id: 9007199254740991,
      force_update_fields: 'dept_manager_userid_list',
    });
    expect(answer.body.department.deptManagerUserIdList).toEqual([]);
  });

  it('clears the managers by the word of the GraphQL enum', async () => {
    const changes = { forceUpdateFields: ['DEPT_MANAGER_USER_ID_LIST'] };
    await world.client.graphql(app, mutation, { id: BIG, changes });
    expect(wire(UPDATE).body).toMatchObject({ force_update_fields: 'dept_manager_userid_list' });
  });

  it('with dryRun tells the changes through both doors and writes nothing', async () => {
    const changes = { name: '全球事业部', brief: '' };
    const rest = await world.client.rest('PATCH', `/v1/departments/${BIG}?dryRun=true`, app, changes);
    const graphql = await world.client.graphql(
      app,
      `mutation($changes: DepartmentChanges!) { updateDepartment(id: "${BIG}", changes: $changes, dryRun: true) {
        department { name } changes { field before after } } }`,
      { changes },
    );
    const expected = [
      { field: 'name', before: '海外事业部', after: '全球事业部' },
      { field: 'brief', before: null, after: '' },
    ];
    expect(rest.body).toEqual({ changes: expected });
    expect(graphql.body.data.updateDepartment).toEqual({ department: { name: '海外事业部' }, changes: expected });
    expect(world.calls(UPDATE)).toEqual([]);
  });

  it('that was made is answered with the last known department where it cannot be read back', async () => {
    // The first read is of the department before the change; the one after it fails.
    const { levers } = world.sandbox;
    levers.add({ kind: 'latency', ms: 1, route: 'POST /topapi/v2/department/get', times: 1 });
    levers.add({ kind: 'html', route: 'POST /topapi/v2/department/get' });
    const answer = await world.client.rest('PATCH', `/v1/departments/${BIG}`, app, { name: '全球事业部' });
    expect(answer.status).toBe(200);
    expect(answer.body.department).toMatchObject({ id: BIG, name: '全球事业部', order: 90 });
  });
});

describe('a department', () => {
  it('is read through both doors, the root with no parent', async () => {
    const rest = await world.client.rest('GET', '/v1/departments/1', app);
    const graphql = await world.client.graphql(app, '{ department(id: "1") { id name parentId memberCount } }');
    expect(rest.body.department).toMatchObject({ id: '1', name: '星河科技有限公司', parentId: null });
    expect(graphql.body.data.department).toMatchObject({ id: '1', name: '星河科技有限公司', parentId: null });
  });

  it('is read again and again over the same connection', async () => {
    await world.client.rest('GET', '/v1/departments/1', app);
    const before = world.sandbox.connections;
    for (let count = 0; count < 30; count += 1) await world.client.rest('GET', '/v1/departments/1', app);
    expect(world.calls('/topapi/v2/department/get')).toHaveLength(31);
    expect(world.sandbox.connections).toBe(before);
  });

  it.each([BIG, '-7'])('%s keeps its id exact on the wire and back', async (id) => {
    const answer = await world.client.graphql(app, 'query($id: ID!) { department(id: $id) { id } }', { id });
    expect(answer.body).toEqual({ data: { department: { id } } });
    expect(wire('/topapi/v2/department/get').body).toEqual({ dept_id: Number(id) });
  });

  it('whose id DingTalk tells inexactly is unreadable, never rounded', async () => {
    const body = '{"errcode":0,"result":{"dept_id":9007199254740993,"name":"x"}}';
    world.sandbox.levers.add({ kind: 'answer', route: 'POST /topapi/v2/department/get', body });
    const answer = await world.client.rest('GET', '/v1/departments/5', app);
    expect(answer.body).toMatchObject({ code: 'DINGTALK_UNREADABLE', status: 502 });
  });

  it('tells no parent where DingTalk tells 0, and no extension that is no object of sane depth', async () => {
    const deep = `{"a":${'['.repeat(5000)}${']'.repeat(5000)}}`;
    const body = { errcode: 0, result: { dept_id: 1, name: 'x', parent_id: 0, extention: deep } };
    world.sandbox.levers.add({ kind: 'answer', route: 'POST /topapi/v2/department/get', body });
    const answer = await world.client.rest('GET', '/v1/departments/1', app);
    expect(answer.body.department).toMatchObject({ parentId: null, extension: null });
  });

  it('is understood in DingTalk’s loose typing', async () => {
    const body = {
      errcode: '0',
      result: { dept_id: '5', name: 'HR', order: '7', hide_dept: 'true', extention: '{"a":1}' },
    };
    world.sandbox.levers.add({ kind: 'answer', route: 'POST /topapi/v2/department/get', body });
    const answer = await world.client.rest('GET', '/v1/departments/5', app);
    expect(answer.body.department).toMatchObject({ id: '5', order: 7, hideDept: true, extension: { a: 1 } });
  });
});

describe('the visibility of enterprise accounts', () => {
  const PATH = '/v1.0/contact/orgAccounts/mobiles/visibleInOtherOrg';
  const optUserId = '102530009661373952';

  it.each([
    ['as named', { fields: ['mobile', 'status'] }, ['mobile', 'status']],
    ['the mobile number alone where none is named', {}, ['mobile']],
    ['the mobile number alone where the list is empty', { fields: [] }, ['mobile']],
  ])('is authorised through REST: %s; on the wire as given', async (_, given, effective) => {
    const answer = await world.client.rest('PUT', '/v1/org-accounts/visibility', app, {
      toCorpIds: ['ding12345678'],
      optUserId,
      ...given,
    });
    expect(answer.body).toEqual({ visibility: { toCorpIds: ['ding12345678'], fields: effective } });
    const call = wire(PATH);
    expect(call.method).toBe('PUT');
    expect(call.query).toEqual({});
    expect(call.body).toEqual({ toCorpIds: ['ding12345678'], optUserId, ...given });
  });

  it('is authorised through GraphQL', async () => {
    const answer = await world.client.graphql(
      app,
      `mutation($visibility: OrgAccountVisibilityInput!) {
        setOrgAccountVisibility(visibility: $visibility) { visibility { toCorpIds fields } } }`,
      { visibility: { toCorpIds: ['ding1', 'ding2'], fields: ['STATUS'], optUserId } },
    );
    expect(answer.body.data.setOrgAccountVisibility.visibility).toEqual({
      toCorpIds: ['ding1', 'ding2'],
      fields: ['STATUS'],
    });
    expect(wire(PATH).body).toEqual({ toCorpIds: ['ding1', 'ding2'], fields: ['status'], optUserId });
  });

  it('is refused where DingTalk answers that it did not do it', async () => {
    world.sandbox.levers.add({ kind: 'answer', route: `PUT ${PATH}`, body: { result: false } });
    const answer = await world.client.rest('PUT', '/v1/org-accounts/visibility', app, {
      toCorpIds: ['ding1'],
      optUserId,
    });
    expect(answer.body).toMatchObject({ status: 422, code: 'REJECTED' });
  });
});
