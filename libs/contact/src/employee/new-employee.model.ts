import { InputType, ObjectType, registerEnumType } from '@nestjs/graphql';
import { Choice, type DepartmentId, Flag, Id, Ids, Json, Shape, Shapes, Text, type UserId, Whole } from '#contract';
import { PERSON_NAME } from '../names.js';
import { Employee } from './employee.model.js';

const optional = true;
const MAX_ORDER = Number.MAX_SAFE_INTEGER;

export enum OrgEmailType {
  PROFESSION = 'profession',
  BASE = 'base',
}
registerEnumType(OrgEmailType, { name: 'OrgEmailType', description: 'Edition of a mailbox of the organisation.' });

@InputType({ description: 'The place of an employee among the members of a department.' })
export class DeptOrderInput {
  @Id('writableDepartment', 'The department.')
  deptId: DepartmentId;

  @Whole('Place among its members, great ones first.', { min: 0, max: MAX_ORDER, example: 1 })
  order: number;
}

@InputType({ description: 'The title of an employee in a department.' })
export class DeptTitleInput {
  @Id('writableDepartment', 'The department.')
  deptId: DepartmentId;

  @Text('Title there.', { max: 200, example: '资深产品经理' })
  title: string;
}

@InputType({ description: 'What an employee is in a department.' })
export class DeptPositionInput {
  @Id('writableDepartment', 'The department.')
  deptId: DepartmentId;

  @Text('Title there.', { optional, max: 200, example: '资深产品经理' })
  title?: string;

  @Text('Place of work there.', { optional, max: 100 })
  workPlace?: string;

  @Flag('Whether it is the main one.', { optional })
  isMain?: boolean;
}

/** What can be set of an employee at any time. */
@InputType({ isAbstract: true })
export abstract class EmployeeFields {
  @Flag('Whether the mobile number is hidden on the profile page.', { optional })
  hideMobile?: boolean;

  @Text('Extension number, which nobody else has.', { optional, max: 50, example: '010-86123456-2345' })
  telephone?: string;

  @Text('Number of the employee.', { optional, max: 50, example: '4' })
  jobNumber?: string;

  @Text('Title.', { optional, max: 200, example: '技术总监' })
  title?: string;

  @Text('Mail address, which nobody else has.', { optional, max: 50, example: 'zhangsan@example.com' })
  email?: string;

  @Text('Mail address that the organisation gives, where it has opened the mailbox.', { optional, max: 100 })
  orgEmail?: string;

  @Choice('Edition of that mailbox.', { optional, of: OrgEmailType, example: 'profession' })
  orgEmailType?: OrgEmailType;

  @Text('Place of work.', { optional, max: 100, example: '未来park' })
  workPlace?: string;

  @Text('Remark.', { optional, max: 2000 })
  remark?: string;

  @Shapes(() => DeptOrderInput, 'Their places in their departments.', { optional, minItems: 1, maxItems: 100 })
  deptOrderList?: DeptOrderInput[];

  @Shapes(() => DeptTitleInput, 'Their titles in their departments.', { optional, minItems: 1, maxItems: 100 })
  deptTitleList?: DeptTitleInput[];

  @Shapes(() => DeptPositionInput, 'What they are in their departments.', { optional, minItems: 1, maxItems: 999 })
  deptPositionList?: DeptPositionInput[];

  @Json('Fields of the organisation’s own. They replace all that were set before.', {
    optional,
    max: 2000,
    example: { 爱好: '旅游' },
  })
  extension?: Record<string, unknown>;

  @Json('The same in other languages.', { optional, max: 2000 })
  extensionI18n?: Record<string, unknown>;

  @Flag('Whether their number is hidden from all and only senior staff can call them.', { optional })
  seniorMode?: boolean;

  @Whole('When they joined, in milliseconds since 1970.', { optional, min: 0, max: MAX_ORDER, example: 1597573616828 })
  hiredDate?: number;

  @Id('user', 'Whom they report to.', { optional, example: 'manager240' })
  managerUserId?: UserId;

  @Text('Mail address to sign in with, for accounts that do.', { optional, max: 64 })
  loginEmail?: string;
}

@InputType({ description: 'An employee to create.' })
export class NewEmployee extends EmployeeFields {
  @Id('user', 'Their userId, which never changes; DingTalk makes one up where it is left out.', { optional })
  userId?: UserId;

  @Text('Name.', { min: 1, max: 80, ...PERSON_NAME, example: '张三' })
  name: string;

  @Text('Mobile number, which nobody else has; with the country code outside mainland China, as `+852-51234567`.', {
    min: 5,
    max: 30,
    pattern: /^(?:\+[0-9]{1,4}-)?[0-9]{5,20}$/,
    rule: 'must be a mobile number: digits, abroad with the country code as +852-51234567',
    example: '18500007676',
  })
  mobile: string;

  @Ids('writableDepartment', 'The departments they are in.', { minItems: 1, maxItems: 100 })
  deptIdList: DepartmentId[];
}

@ObjectType()
export class CreateEmployeePayload {
  @Shape(() => Employee, 'The employee as they now are; null while they have not accepted.', { nullable: true })
  employee: Employee | null;

  @Flag('Whether DingTalk has sent an invitation that the person has yet to accept.')
  pending: boolean;
}

@ObjectType()
export class DeleteEmployeePayload {
  @Id('user', 'The employee who is no more.')
  userId: UserId;
}
