import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Documented, saved } from './harness/documented.js';

let documents: Documented;

beforeAll(async () => {
  documents = await Documented.start();
});
afterAll(() => documents.world.stop());
beforeEach(() => documents.begin());
afterEach(() => documents.world.reset());

const AS_SHOWN = {
  userId: 'zhangsan',
  unionId: 'z21HjQliSzpw0YWxxxxx',
  name: '张三',
  avatar: 'xxx',
  stateCode: '86',
  managerUserId: 'manager240',
  mobile: '18513027676',
  hideMobile: false,
  telephone: '010-86123456-2345',
  jobNumber: '4',
  title: '技术总监',
  email: 'test@xxx.com',
  workPlace: '未来park',
  remark: '备注备注',
  exclusiveAccount: false,
  exclusiveAccountType: null,
  loginId: null,
  orgEmail: 'test@xxx.com',
  orgEmailType: null,
  deptIdList: ['2', '3', '4'],
  deptOrderList: [{ deptId: '2', order: 1 }],
  deptPositionList: null,
  extension: { 爱好: '旅游', 年龄: '24' },
  extensionI18n: null,
  hiredDate: 1597573616828,
  active: true,
  realAuthed: true,
  senior: true,
  admin: true,
  boss: true,
  leaderInDept: [{ deptId: '2', leader: true }],
  roleList: [{ id: '100', name: '总监', groupName: '职务' }],
  unionEmpExt: { userId: '500', corpId: 'dingxxx', unionEmpMapList: [{ userId: '5000', corpId: 'dingxxx' }] },
};

const TYPED = {
  ...AS_SHOWN,
  unionId: 'z21HjQliSzpw0YWCNxmii6u2Os62cZ62iSZ',
  managerUserId: 'user01',
  exclusiveAccount: true,
  exclusiveAccountType: 'sso',
  loginId: 'login_id2',
  orgEmailType: 'profession',
  deptIdList: ['2', '3', '-7'],
  deptOrderList: [
    { deptId: '2', order: 1 },
    { deptId: '3', order: 176265823426893500 },
  ],
  deptPositionList: [{ deptId: '2', title: '资深产品经理', workPlace: '未来park', isMain: true }],
  extensionI18n: { 爱好: { zh_CN: '旅游', en_US: 'travel' } },
  leaderInDept: [
    { deptId: '2', leader: true },
    { deptId: '3', leader: false },
  ],
};

describe('an employee', () => {
  const GET = '/topapi/v2/user/get';

  it.each([
    ['in the document’s loose typing', 'user-get', AS_SHOWN],
    ['with every field of the document', 'user-get.typed', TYPED],
  ])('is read %s through both doors', async (_, file, employee) => {
    documents.answers(`POST ${GET}`, file);
    expect((await documents.rest('GET', '/v1/employees/zhangsan')).body).toEqual({ employee });
    expect(await documents.graphql(`{ employee(userId: "zhangsan") { ${documents.everything('Employee')} } }`)).toEqual(
      { employee },
    );
    expect(documents.wire(GET)).toEqual([{ userid: 'zhangsan' }, { userid: 'zhangsan' }]);
    for (const { method, query, headers } of documents.world.calls(GET)) {
      expect([method, Object.keys(query), headers['content-type']]).toEqual([
        'POST',
        ['access_token'],
        'application/json',
      ]);
    }
  });

  it('of whom DingTalk tells nothing but who they are has null for all else, and no departments', async () => {
    const body = { errcode: 0, result: { userid: 'zhangsan', name: '张三' } };
    documents.world.sandbox.levers.add({ kind: 'answer', route: `POST ${GET}`, body });
    const { userId, name, deptIdList, ...others } = (await documents.rest('GET', '/v1/employees/zhangsan')).body
      .employee;
    expect([userId, name, deptIdList]).toEqual(['zhangsan', '张三', []]);
    expect(Object.keys({ ...others, userId, name, deptIdList }).sort()).toEqual(Object.keys(AS_SHOWN).sort());
    for (const value of Object.values(others)) expect(value).toBeNull();
  });

  it('is found by the union id through both doors', async () => {
    const byRest = await documents.rest('GET', '/v1/employees?unionId=k93LmWqxRtpb7Slisi');
    const query = '{ employeeByUnionId(unionId: "k93LmWqxRtpb7Slisi") { userId unionId } }';
    expect(byRest.body.employee).toMatchObject({ userId: 'lisi', unionId: 'k93LmWqxRtpb7Slisi' });
    expect(await documents.graphql(query)).toEqual({
      employeeByUnionId: { userId: 'lisi', unionId: 'k93LmWqxRtpb7Slisi' },
    });
    expect(documents.wire('/topapi/user/getbyunionid')[0]).toEqual({ unionid: 'k93LmWqxRtpb7Slisi' });
  });

  it.each(['strangerPq8Xw2NvRiEiE', 'externalVt4Yk6BmQiEiE'])('who is none, as %s, is not found', async (unionId) => {
    const answer = await documents.rest('GET', `/v1/employees?unionId=${unionId}`);
    expect(answer.body).toMatchObject({ status: 404, code: 'NOT_FOUND' });
  });

  it('is told among the members of a department as the document shows, with what lists do not tell left out', async () => {
    documents.answers('POST /topapi/v2/user/list', 'user-list');
    const { body } = await documents.rest('GET', '/v1/departments/2/members?limit=1');
    const [member] = body.employees;
    const untold = [
      'managerUserId',
      'orgEmailType',
      'deptOrderList',
      'deptPositionList',
      'extensionI18n',
      'realAuthed',
    ];
    const alike = Object.entries(AS_SHOWN).filter(
      ([name]) => ![...untold, 'senior', 'leaderInDept', 'roleList', 'unionEmpExt', 'unionId'].includes(name),
    );
    expect(member).toEqual({ ...Object.fromEntries(alike), unionId: 'z21HjQliSzpw0YWCNxmii6u2Os62cZ62iSZ' });
    expect(body.pageInfo).toEqual({ hasNextPage: true, endCursor: expect.any(String) });
    expect(documents.wire('/topapi/v2/user/list')).toEqual([{ dept_id: 2, cursor: 0, size: 1 }]);
  });
});

describe('the search for employees', () => {
  it('asks for a page of userIds, and then for the records, through both doors', async () => {
    documents.answers('POST /v1.0/contact/users/search', 'users-search');
    const record = saved('user-get');
    documents.world.sandbox.levers.add({ kind: 'answer', route: 'POST /topapi/v2/user/get', body: record });
    const { body } = await documents.rest('GET', '/v1/employees?query=%E5%B0%8F%E7%BA%A2&limit=10');
    expect(body).toEqual({ employees: [AS_SHOWN], pageInfo: { hasNextPage: false, endCursor: expect.any(String) } });
    const found = await documents.graphql('{ searchEmployees(query: "小红", first: 10) { nodes { userId } } }');
    expect(found.searchEmployees.nodes).toEqual([{ userId: '220141953' }]);
    const asked = { queryWord: '小红', offset: 0, size: 10 };
    expect(documents.wire('/v1.0/contact/users/search')).toEqual([asked, asked]);
    expect(documents.wire('/topapi/v2/user/get')).toEqual([{ userid: '220141953' }]);
    const [call] = documents.world.calls('/v1.0/contact/users/search');
    expect([call?.query, typeof call?.headers['x-acs-dingtalk-access-token']]).toEqual([{}, 'string']);
  });
});

describe('an employee is', () => {
  const FIELDS = {
    hideMobile: true,
    telephone: '010-86123456-2345',
    jobNumber: '4',
    title: '技术总监',
    email: 'test@xxx.com',
    orgEmail: 'test@xxx.org',
    orgEmailType: 'profession',
    workPlace: '未来park',
    remark: '备注备注',
    deptIdList: ['1', '9007199254740991'],
    deptOrderList: [{ deptId: '1', order: 1 }],
    deptTitleList: [{ deptId: '1', title: '资深产品经理' }],
    deptPositionList: [{ deptId: '1', title: '资深产品经理', workPlace: '未来park', isMain: true }],
    extension: { 爱好: '旅游' },
    extensionI18n: { 爱好: { zh_CN: '旅游' } },
    seniorMode: false,
    hiredDate: 1597573616828,
    managerUserId: 'lisi',
    loginEmail: 'test@xxx.com',
  };
  const SENT = {
    hide_mobile: true,
    telephone: '010-86123456-2345',
    job_number: '4',
    title: '技术总监',
    email: 'test@xxx.com',
    org_email: 'test@xxx.org',
    org_email_type: 'profession',
    work_place: '未来park',
    remark: '备注备注',
    dept_id_list: '1,9007199254740991',
    dept_order_list: [{ dept_id: 1, order: 1 }],
    dept_title_list: [{ dept_id: 1, title: '资深产品经理' }],
    dept_position_list: [{ dept_id: 1, title: '资深产品经理', work_place: '未来park', is_main: true }],
    extension: { 爱好: '旅游' },
    extension_i18n: { 爱好: { zh_CN: '旅游' } },
    senior_mode: false,
    hired_date: 1597573616828,
    manager_userid: 'lisi',
    login_email: 'test@xxx.com',
  };
  const TOLD = { name: '张三', title: '技术总监', deptIdList: ['1', '9007199254740991'], managerUserId: 'lisi' };

  it('created with every field of the document by REST, which answers where they are read', async () => {
    const employee = { userId: 'zhangsan', name: '张三', mobile: '18500007676', ...FIELDS };
    const { status, headers, body } = await documents.rest('POST', '/v1/employees', employee);
    expect([status, headers.get('location')]).toEqual([201, '/v1/employees/zhangsan']);
    expect(body).toMatchObject({ pending: false, employee: { userId: 'zhangsan', mobile: '18500007676', ...TOLD } });
    expect(documents.wire('/topapi/v2/user/create')).toEqual([
      { userid: 'zhangsan', name: '张三', mobile: '18500007676', ...SENT },
    ]);
  });

  it('created by GraphQL with as little as there must be', async () => {
    const { createEmployee } = await documents.graphql(`
      mutation {
        createEmployee(employee: { name: "张三", mobile: "18500007676", deptIdList: ["1"] }) {
          pending
          employee {
            userId
            unionId
            name
            departments {
              id
            }
          }
        }
      }
    `);
    expect(createEmployee).toMatchObject({ pending: false, employee: { name: '张三', departments: [{ id: '1' }] } });
    expect(documents.wire('/topapi/v2/user/create')).toEqual([
      { name: '张三', mobile: '18500007676', dept_id_list: '1' },
    ]);
  });

  it('told by the one `unionId` that DingTalk spells so, where they cannot be read back', async () => {
    documents.answers('POST /topapi/v2/user/create', 'user-create');
    documents.world.sandbox.levers.add({ kind: 'html', route: 'POST /topapi/v2/user/get' });
    const employee = { name: '张三', mobile: '18500007676', deptIdList: ['1'], title: '技术总监' };
    const { status, body } = await documents.rest('POST', '/v1/employees', employee);
    expect(status).toBe(201);
    expect(body.employee).toMatchObject({ userId: 'zhangsan', unionId: 'xxxx', ...employee, jobNumber: null });
  });

  it('pending where DingTalk has asked the person first, which is no failure', async () => {
    const employee = { name: '张三', mobile: '19900000000', deptIdList: ['1'] };
    const { status, headers, body } = await documents.rest('POST', '/v1/employees', employee);
    expect([status, headers.get('location'), body]).toEqual([202, null, { employee: null, pending: true }]);
    const byGraphQL = await documents.graphql(
      'mutation { createEmployee(employee: { name: "张三", mobile: "19900000000", deptIdList: ["1"] }) { pending employee { name } } }',
    );
    expect(byGraphQL).toEqual({ createEmployee: { pending: true, employee: null } });
  });

  it('changed with every field of the document by REST', async () => {
    const changes = { name: '张三', ...FIELDS, extAttrsUpdateMode: 'append', language: 'zh_CN' };
    const { status, body } = await documents.rest('PATCH', '/v1/employees/lisi', changes);
    expect(status).toBe(200);
    expect(body.employee).toMatchObject({ userId: 'lisi', ...TOLD });
    const more = { ext_attrs_update_mode: 1, language: 'zh_CN' };
    expect(documents.wire('/topapi/v2/user/update')).toEqual([{ userid: 'lisi', name: '张三', ...SENT, ...more }]);
  });

  it('changed by GraphQL, and their manager taken away', async () => {
    documents.answers('POST /topapi/v2/user/update', 'user-update');
    await documents.graphql(`
      mutation {
        updateEmployee(
          userId: "lisi"
          changes: { forceUpdateFields: [MANAGER_USER_ID], extAttrsUpdateMode: OVERWRITE, orgEmailType: BASE }
        ) {
          employee {
            userId
            manager {
              name
            }
          }
        }
      }
    `);
    expect(documents.wire('/topapi/v2/user/update')).toEqual([
      { userid: 'lisi', force_update_fields: 'manager_userid', ext_attrs_update_mode: 0, org_email_type: 'base' },
    ]);
  });

  it('told as they were before, with the changes, where they cannot be read back', async () => {
    const { levers } = documents.world.sandbox;
    levers.add({ kind: 'latency', ms: 1, route: 'POST /topapi/v2/user/get', times: 1 });
    levers.add({ kind: 'html', route: 'POST /topapi/v2/user/get' });
    const { status, body } = await documents.rest('PATCH', '/v1/employees/lisi', { title: '顾问' });
    expect(status).toBe(200);
    expect(body.employee).toMatchObject({ userId: 'lisi', name: '李四', title: '顾问' });
  });

  it('deleted through both doors', async () => {
    documents.answers('POST /topapi/v2/user/delete', 'user-delete');
    expect((await documents.rest('DELETE', '/v1/employees/lisi')).status).toBe(204);
    expect(await documents.graphql('mutation { deleteEmployee(userId: "lisi") { userId } }')).toEqual({
      deleteEmployee: { userId: 'lisi' },
    });
    expect(documents.wire('/topapi/v2/user/delete')).toEqual([{ userid: 'lisi' }, { userid: 'lisi' }]);
  });
});
