import { ObjectType } from '@nestjs/graphql';
import { type CorpId, type DepartmentId, Flag, Id, Shapes, Text, type UserId, Whole } from '#contract';

const nullable = true;
/** A 64-bit number. */
const LONG = 2 ** 63;

@ObjectType({ description: 'The place of an employee among the members of a department.' })
export class DeptOrder {
  @Id('department', 'The department.')
  deptId: DepartmentId;

  @Whole('Place among its members, great ones first; rounded beyond 2^53.', {
    nullable,
    min: -LONG,
    max: LONG,
    example: 1,
  })
  order: number | null;
}

@ObjectType({ description: 'What an employee is in a department.' })
export class DeptPosition {
  @Id('department', 'The department.')
  deptId: DepartmentId;

  @Text('Title there.', { nullable, max: 1024, example: '资深产品经理' })
  title: string | null;

  @Text('Place of work there.', { nullable, max: 1024 })
  workPlace: string | null;

  @Flag('Whether it is the main one.', { nullable })
  isMain: boolean | null;
}

@ObjectType({ description: 'Whether an employee leads a department.' })
export class LeaderInDept {
  @Id('department', 'The department.')
  deptId: DepartmentId;

  @Flag('Whether they lead it.', { nullable })
  leader: boolean | null;
}

@ObjectType({ description: 'A role of an employee.' })
export class Role {
  @Text('The role.', { max: 32, example: '100' })
  id: string;

  @Text('Name.', { nullable, max: 1024, example: '总监' })
  name: string | null;

  @Text('Name of its group.', { nullable, max: 1024, example: '职务' })
  groupName: string | null;
}

@ObjectType({ description: 'An employee in an allied organisation.' })
export class UnionEmployee {
  @Id('user', 'The person there.', { nullable })
  userId: UserId | null;

  @Id('corp', 'The allied organisation.', { nullable })
  corpId: CorpId | null;
}

@ObjectType({ description: 'Where an employee comes from an allied organisation.' })
export class UnionEmployeeExt extends UnionEmployee {
  @Shapes(() => UnionEmployee, 'The same person in its branches.', { nullable, maxItems: 1000 })
  unionEmpMapList: UnionEmployee[] | null;
}
