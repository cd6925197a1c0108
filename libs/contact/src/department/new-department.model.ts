import { InputType, ObjectType } from '@nestjs/graphql';
import { type DepartmentId, Flag, Id, Ids, Shape, Text, type UserId, Whole } from '#contract';
import { DEPARTMENT_NAME } from '../names.js';
import { Department } from './department.model.js';

const optional = true;
const PERMITS = { optional, minItems: 1, maxItems: 50 };

@InputType({ description: 'A department to create; what is left out is as DingTalk has it by default.' })
export class NewDepartment {
  @Text('Name: 1 to 64 characters without hyphen and comma.', {
    min: 1,
    max: 64,
    ...DEPARTMENT_NAME,
    example: 'HR',
  })
  name: string;

  @Id('writableDepartment', 'The department above; the root is `1`.', { example: '1' })
  parentId: DepartmentId;

  @Flag('Whether it is hidden.', { optional })
  hideDept?: boolean;

  @Ids('writableDepartment', 'Departments that see it although it is hidden.', PERMITS)
  deptPermits?: DepartmentId[];

  @Ids('user', 'People who see it although it is hidden.', PERMITS)
  userPermits?: UserId[];

  @Flag('Whether its members see only a part of the organisation.', { optional })
  outerDept?: boolean;

  @Flag('Whether its members see only their own departments and those below.', { optional })
  outerDeptOnlySelf?: boolean;

  @Ids('user', 'People whom its members see besides.', PERMITS)
  outerPermitUsers?: UserId[];

  @Ids('writableDepartment', 'Departments that its members see besides.', PERMITS)
  outerPermitDepts?: DepartmentId[];

  @Flag('Whether a group chat belongs to it.', { optional })
  createDeptGroup?: boolean;

  @Flag('Whether requests to join are granted by themselves.', { optional })
  autoApproveApply?: boolean;

  @Whole('Place among its siblings, small ones first.', { optional, min: 0, max: 2 ** 31 - 1, example: 10 })
  order?: number;

  @Text('The caller’s own key of the department.', { optional, max: 256, example: 'HR部门' })
  sourceIdentifier?: string;
}

@ObjectType()
export class CreateDepartmentPayload {
  @Shape(() => Department, 'The department as it now is.')
  department: Department;
}

@ObjectType()
export class DeleteDepartmentPayload {
  @Id('department', 'The department that is no more.')
  id: DepartmentId;
}
