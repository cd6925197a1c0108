import { ObjectType } from '@nestjs/graphql';
import { IntersectionType, OmitType, PartialType, PickType } from '@nestjs/swagger';
import {
  type DepartmentId,
  Flag,
  Id,
  Ids,
  Json,
  Shape,
  Shapes,
  Text,
  type UnionId,
  type UserId,
  Whole,
} from '#contract';
import { DeptOrder, DeptPosition, LeaderInDept, Role, UnionEmployeeExt } from './employee-parts.model.js';

const nullable = true;
const MAX = Number.MAX_SAFE_INTEGER;
const DEPARTMENTS = { nullable, maxItems: 1000 };

@ObjectType({
  description:
    'An employee as the organisation keeps them, with every field that DingTalk tells; what it does not tell is null.',
})
export class Employee {
  @Id('user', 'The person inside the organisation.')
  userId: UserId;

  @Id('union', 'The same person across the apps of one developer.', { nullable })
  unionId: UnionId | null;

  @Text('Name.', { max: 256, example: '张三' })
  name: string;

  @Text('Address of the picture; null where it is DingTalk’s own.', { nullable, max: 2048 })
  avatar: string | null;

  @Text('Country code of the mobile number.', { nullable, max: 16, example: '86' })
  stateCode: string | null;

  @Id('user', 'Whom they report to.', { nullable, example: 'manager240' })
  managerUserId: UserId | null;

  @Text('Mobile number. Needs `user:read:mobile`.', { nullable, max: 64, example: '185xxxx7676' })
  mobile: string | null;

  @Flag('Whether the mobile number is hidden on the profile page.', { nullable })
  hideMobile: boolean | null;

  @Text('Extension number.', { nullable, max: 256, example: '010-86123456-2345' })
  telephone: string | null;

  @Text('Number of the employee.', { nullable, max: 256, example: '4' })
  jobNumber: string | null;

  @Text('Title.', { nullable, max: 1024, example: '技术总监' })
  title: string | null;

  @Text('Mail address. Needs `user:read:email`.', { nullable, max: 320, example: 'zhangsan@example.com' })
  email: string | null;

  @Text('Place of work.', { nullable, max: 1024, example: '未来park' })
  workPlace: string | null;

  @Text('Remark.', { nullable, max: 4096 })
  remark: string | null;

  @Flag('Whether it is an enterprise account.', { nullable })
  exclusiveAccount: boolean | null;

  @Text('Of an enterprise account: `sso` or `dingtalk`.', { nullable, max: 64 })
  exclusiveAccountType: string | null;

  @Text('Of an enterprise account: the name to sign in with.', { nullable, max: 256 })
  loginId: string | null;

  @Text('Mail address that the organisation gave. Needs `user:read:email`.', { nullable, max: 320 })
  orgEmail: string | null;

  @Text('Edition of that mailbox: `profession` or `base`.', { nullable, max: 64 })
  orgEmailType: string | null;

  @Ids('department', 'The departments they are in.', { maxItems: 1000 })
  deptIdList: DepartmentId[];

  @Shapes(() => DeptOrder, 'Their places in these.', DEPARTMENTS)
  deptOrderList: DeptOrder[] | null;

  @Shapes(() => DeptPosition, 'What they are in these.', DEPARTMENTS)
  deptPositionList: DeptPosition[] | null;

  @Json('Fields of the organisation’s own.', { nullable })
  extension: Record<string, unknown> | null;

  @Json('The same in other languages.', { nullable })
  extensionI18n: Record<string, unknown> | null;

  @Whole('When they joined, in milliseconds since 1970.', { nullable, min: -MAX, max: MAX, example: 1597573616828 })
  hiredDate: number | null;

  @Flag('Whether they have used DingTalk yet.', { nullable })
  active: boolean | null;

  @Flag('Whether DingTalk knows that they are who they say.', { nullable })
  realAuthed: boolean | null;

  @Flag('Whether they are of the senior staff.', { nullable })
  senior: boolean | null;

  @Flag('Whether they administer the organisation.', { nullable })
  admin: boolean | null;

  @Flag('Whether they own it.', { nullable })
  boss: boolean | null;

  @Shapes(() => LeaderInDept, 'Which of their departments they lead.', DEPARTMENTS)
  leaderInDept: LeaderInDept[] | null;

  @Shapes(() => Role, 'Their roles.', DEPARTMENTS)
  roleList: Role[] | null;

  @Shape(() => UnionEmployeeExt, 'Where they come from an allied organisation.', { nullable })
  unionEmpExt: UnionEmployeeExt | null;
}

/** What DingTalk's list of members does not tell, or of one department only. */
export const NOT_IN_LISTS = [
  ...(['managerUserId', 'orgEmailType', 'deptOrderList', 'deptPositionList', 'extensionI18n', 'realAuthed'] as const),
  ...(['senior', 'leaderInDept', 'roleList', 'unionEmpExt'] as const),
] as const;

/** An employee as lists tell them; of the other fields those that it told all the same. */
export class ListedEmployee extends IntersectionType(
  OmitType(Employee, NOT_IN_LISTS),
  PartialType(PickType(Employee, NOT_IN_LISTS)),
) {}
