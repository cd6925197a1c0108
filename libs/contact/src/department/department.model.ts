import { ObjectType } from '@nestjs/graphql';
import { IntersectionType, PartialType, PickType } from '@nestjs/swagger';
import { type DepartmentId, Flag, Id, Ids, Json, Shape, Text, type UserId, Whole } from '#contract';
import { SceneConfig } from './scene-config.model.js';

/** A 64-bit number. */
const LONG = 2 ** 63;
const COUNT = { nullable: true, min: 0, max: 2 ** 31 - 1 };
// Lists do not tell these: a department that cannot be read must not take its neighbours along.
const USERS = { nullable: true, maxItems: 1000 };
const DEPARTMENTS = { nullable: true, maxItems: 1000 };

@ObjectType({ description: 'The department of an allied organisation that this one stands for.' })
export class UnionDepartment {
  @Id('corp', 'The allied organisation.', { nullable: true })
  corpId: string | null;

  @Id('department', 'The department there.', { nullable: true })
  deptId: DepartmentId | null;
}

@ObjectType({ description: 'A department, with every field that DingTalk tells of it.' })
export class Department {
  @Id('department', 'The department; the root is `1`.')
  id: DepartmentId;

  @Text('Name.', { max: 256, example: 'HR' })
  name: string;

  @Id('department', 'The department above; null for the root.', { nullable: true, example: '1' })
  parentId: DepartmentId | null;

  @Text('The caller’s own key of the department.', { nullable: true, max: 1024, example: 'HR部门' })
  sourceIdentifier: string | null;

  @Flag('Whether a group chat belongs to it.', { nullable: true })
  createDeptGroup: boolean | null;

  @Flag('Whether newcomers join that chat by themselves.', { nullable: true })
  autoAddUser: boolean | null;

  @Flag('Whether requests to join are granted by themselves.', { nullable: true })
  autoApproveApply: boolean | null;

  @Text('Kind of node in an educational organisation: campus, period, grade, class.', { nullable: true, max: 256 })
  tags: string | null;

  @Flag('Whether it comes from an allied organisation.', { nullable: true })
  fromUnionOrg: boolean | null;

  @Whole('Place among its siblings, small ones first; rounded beyond 2^53.', {
    nullable: true,
    min: -LONG,
    max: LONG,
    example: 10,
  })
  order: number | null;

  @Text('The group chat.', { nullable: true, max: 256 })
  deptGroupChatId: string | null;

  @Flag('Whether the chat takes in the departments below.', { nullable: true })
  groupContainSubDept: boolean | null;

  @Id('user', 'Owner of the group chat.', { nullable: true })
  orgDeptOwner: UserId | null;

  @Ids('user', 'Its managers.', USERS)
  deptManagerUserIdList: UserId[];

  @Flag('Whether its members see only a part of the organisation.', { nullable: true })
  outerDept: boolean | null;

  @Flag('Whether its members see only their own departments and those below.', { nullable: true })
  outerDeptOnlySelf: boolean | null;

  @Ids('department', 'Departments that its members see besides.', DEPARTMENTS)
  outerPermitDepts: DepartmentId[];

  @Ids('user', 'People whom its members see besides.', USERS)
  outerPermitUsers: UserId[];

  @Flag('Whether it is hidden.', { nullable: true })
  hideDept: boolean | null;

  @Ids('user', 'People who see it although it is hidden.', USERS)
  userPermits: UserId[];

  @Ids('department', 'Departments that see it although it is hidden.', DEPARTMENTS)
  deptPermits: DepartmentId[];

  @Text('Code.', { nullable: true, max: 1024, example: '10000' })
  code: string | null;

  @Text('Introduction.', { nullable: true, max: 1024 })
  brief: string | null;

  @Text('Telephone.', { nullable: true, max: 256 })
  telephone: string | null;

  @Json('Fields of the organisation’s own.', { nullable: true })
  extension: Record<string, unknown> | null;

  @Whole('People in it and below.', COUNT)
  memberCount: number | null;

  @Whole('People directly in it.', COUNT)
  owningMemberCount: number | null;

  @Shape(() => UnionDepartment, 'Its counterpart in an allied organisation.', { nullable: true })
  unionDeptExt: UnionDepartment | null;

  @Shape(() => SceneConfig, 'Where the hiding holds.', { nullable: true })
  hideSceneConfig: SceneConfig | null;

  @Shape(() => SceneConfig, 'Where the restriction of sight holds.', { nullable: true })
  outerSceneConfig: SceneConfig | null;
}

const LISTED = ['id', 'name', 'parentId', 'createDeptGroup', 'autoAddUser'] as const;
const LISTED_AT_TIMES = ['sourceIdentifier', 'tags', 'fromUnionOrg', 'extension'] as const;

/** What DingTalk's lists tell of a department; the last four where it tells them. */
export class ListedDepartment extends IntersectionType(
  PickType(Department, LISTED),
  PartialType(PickType(Department, LISTED_AT_TIMES)),
) {}

/** A department as lists tell it. */
export const listedOf = (department: Department): ListedDepartment =>
  Object.fromEntries(
    [...LISTED, ...LISTED_AT_TIMES.filter((field) => department[field] !== null)].map((field) => [
      field,
      department[field],
    ]),
  ) as unknown as ListedDepartment;
