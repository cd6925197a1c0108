import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Documented } from './harness/documented.js';

let documents: Documented;

beforeAll(async () => {
  documents = await Documented.start();
});
afterAll(() => documents.world.stop());
beforeEach(() => documents.begin());
afterEach(() => documents.world.reset());

describe('a department', () => {
  const DEPARTMENT = {
    id: '100',
    name: 'HR',
    parentId: '50',
    sourceIdentifier: 'HR部门',
    createDeptGroup: true,
    autoAddUser: false,
    autoApproveApply: true,
    tags: 'campus',
    fromUnionOrg: false,
    order: 10,
    deptGroupChatId: '123',
    groupContainSubDept: true,
    orgDeptOwner: '80',
    deptManagerUserIdList: ['5', '6', '7', '8'],
    outerDept: true,
    outerDeptOnlySelf: true,
    outerPermitDepts: ['6', '7', '8'],
    outerPermitUsers: ['500', '600'],
    hideDept: true,
    userPermits: ['100', '200'],
    deptPermits: ['3', '4', '5'],
    code: '10000',
    brief: '这是简介',
    telephone: '0571-87654321',
    extension: { a: 1 },
    memberCount: 50,
    owningMemberCount: 2,
    unionDeptExt: { corpId: 'dingxxx', deptId: '99' },
    hideSceneConfig: { active: true, profile: true, search: false, nodeList: true, chatboxSubtitle: false },
    outerSceneConfig: { active: false, profile: null, search: null, nodeList: null, chatboxSubtitle: null },
  };

  it('is read with every field of the document through both doors', async () => {
    documents.answers('POST /topapi/v2/department/get', 'department-get');
    expect((await documents.rest('GET', '/v1/departments/100')).body).toEqual({ department: DEPARTMENT });
    expect(await documents.graphql(`{ department(id: "100") { ${documents.everything('Department')} } }`)).toEqual({
      department: DEPARTMENT,
    });
    expect(documents.wire('/topapi/v2/department/get')).toEqual([{ dept_id: 100 }, { dept_id: 100 }]);
  });

  it('has children, of whom a list tells a few fields', async () => {
    documents.answers('POST /topapi/v2/department/listsub', 'department-listsub');
    const market = { id: '37123495', name: '市场部', parentId: '1', createDeptGroup: true, autoAddUser: true };
    const finance = { ...market, id: '399123496', name: '财务部' };
    const { body } = await documents.rest('GET', '/v1/departments/1/children');
    expect(body).toEqual({ departments: [market, finance], pageInfo: { hasNextPage: false, endCursor: null } });
    const told = '{ departments { id name parentId createDeptGroup autoAddUser } }';
    expect(await documents.graphql(told)).toEqual({ departments: [market, finance] });
    expect(documents.wire('/topapi/v2/department/listsub')).toEqual([{ dept_id: 1 }, { dept_id: 1 }]);
    expect(documents.world.calls('/topapi/v2/department/get')).toEqual([]);
  });

  it('has ancestors up to the root, itself left out, the nodes of DingTalk’s own among them', async () => {
    documents.answers('POST /topapi/v2/department/listparentbydept', 'department-listparentbydept');
    const query = '{ department(id: "9007199254740991") { ancestors { id } } }';
    expect((await documents.graphql(query)).department.ancestors.map(({ id }: { id: string }) => id)).toEqual([
      ...['400', '300', '-7', '1'],
    ]);
    expect(documents.wire('/topapi/v2/department/listparentbydept')).toEqual([{ dept_id: 9007199254740991 }]);
    documents.world.reset();
    const { body } = await documents.rest('GET', '/v1/departments/9007199254740991/ancestors');
    expect(body.departments).toMatchObject([{ id: '1', name: '星河科技有限公司', parentId: null }]);
  });

  it('is created with every field of the document, through both doors', async () => {
    const fields = {
      name: 'HR',
      parentId: '1',
      hideDept: true,
      deptPermits: ['3', '4'],
      userPermits: ['100', '200'],
      outerDept: true,
      outerDeptOnlySelf: true,
      outerPermitUsers: ['500'],
      outerPermitDepts: ['6', '7'],
      createDeptGroup: true,
      autoApproveApply: true,
      order: 10,
      sourceIdentifier: 'HR部门',
    };
    const { status, headers, body } = await documents.rest('POST', '/v1/departments', fields);
    expect(status).toBe(201);
    expect(body.department).toMatchObject({ ...fields, id: expect.stringMatching(/^[0-9]+$/) });
    expect(headers.get('location')).toBe(`/v1/departments/${body.department.id}`);
    const created = await documents.graphql(
      'mutation($department: NewDepartment!) { createDepartment(department: $department) { department { id name order } } }',
      { department: { ...fields, name: 'People' } },
    );
    expect(created.createDepartment.department).toMatchObject({ name: 'People', order: 10 });
    const sent = {
      name: 'HR',
      parent_id: 1,
      hide_dept: true,
      dept_permits: '3,4',
      user_permits: '100,200',
      outer_dept: true,
      outer_dept_only_self: true,
      outer_permit_users: '500',
      outer_permit_depts: '6,7',
      create_dept_group: true,
      auto_approve_apply: true,
      order: 10,
      source_identifier: 'HR部门',
    };
    expect(documents.wire('/topapi/v2/department/create')).toEqual([sent, { ...sent, name: 'People' }]);
  });

  it('that was created is told as it was asked for where it cannot be read back', async () => {
    documents.answers('POST /topapi/v2/department/create', 'department-create');
    documents.world.sandbox.levers.add({ kind: 'html', route: 'POST /topapi/v2/department/get' });
    const { status, body } = await documents.rest('POST', '/v1/departments', { name: 'HR', parentId: '1', order: 7 });
    expect(status).toBe(201);
    expect(body.department).toMatchObject({ id: '9007199254740990', name: 'HR', parentId: '1', order: 7, brief: null });
  });

  it('is deleted through both doors', async () => {
    const { world: company } = documents.world.sandbox.desk;
    for (const person of company.members(9007199254740991)) company.removePerson(person);
    const byRest = await documents.rest('DELETE', '/v1/departments/9007199254740991');
    expect([byRest.status, byRest.text]).toEqual([204, '']);
    const { body } = await documents.rest('POST', '/v1/departments', { name: 'HR', parentId: '1' });
    const { id } = body.department;
    expect(await documents.graphql(`mutation { deleteDepartment(id: "${id}") { id } }`)).toEqual({
      deleteDepartment: { id },
    });
    expect(documents.wire('/topapi/v2/department/delete')).toEqual([
      { dept_id: 9007199254740991 },
      { dept_id: Number(id) },
    ]);
    expect((await documents.rest('GET', `/v1/departments/${id}`)).body.code).toBe('NOT_FOUND');
  });
});
