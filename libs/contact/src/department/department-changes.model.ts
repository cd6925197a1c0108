import { InputType, ObjectType, registerEnumType } from '@nestjs/graphql';
import { ValidateBy } from 'class-validator';
import {
  AnyValue,
  Choice,
  Choices,
  type DepartmentId,
  Flag,
  Id,
  Ids,
  Json,
  Shape,
  Shapes,
  Text,
  type UserId,
  Whole,
} from '#contract';
import { DEPARTMENT_NAME } from '../names.js';
import { Department } from './department.model.js';
import { SceneConfigInput } from './scene-config.model.js';

export enum ForceUpdateField {
  DEPT_MANAGER_USER_ID_LIST = 'deptManagerUserIdList',
}
registerEnumType(ForceUpdateField, { name: 'ForceUpdateField', description: 'A field that can be cleared.' });

export enum ContactLanguage {
  zh_CN = 'zh_CN',
  en_US = 'en_US',
}
registerEnumType(ContactLanguage, { name: 'ContactLanguage', description: 'Language of the contacts.' });

const optional = true;
const PERMITS = { optional, minItems: 1, maxItems: 200 };

/** Clearing the managers and setting them at once is a contradiction. */
const NotBesideManagers = (): PropertyDecorator =>
  ValidateBy({
    name: 'notBesideManagers',
    validator: {
      validate: (_, args) => !(args?.object as DepartmentChanges).deptManagerUserIdList?.length,
      defaultMessage: () => 'must not stand beside a deptManagerUserIdList that names managers',
    },
  });

@InputType({
  description:
    'What is to change in a department. What is left out stays as it is; null is refused; at least one change is required.',
})
export class DepartmentChanges {
  @Id('writableDepartment', 'The department above; the root is `1`.', { optional, example: '1' })
  parentId?: DepartmentId;

  @Flag('Whether its members see only a part of the organisation.', { optional })
  outerDept?: boolean;

  @Flag('Whether it is hidden.', { optional })
  hideDept?: boolean;

  @Flag('Whether a group chat belongs to it.', { optional })
  createDeptGroup?: boolean;

  @Whole('Place among its siblings, small ones first.', { optional, min: 0, max: 2 ** 31 - 1, example: 10 })
  order?: number;

  @Text('Name: 1 to 100 characters without hyphen and comma. DingTalk itself may refuse more than 64.', {
    optional,
    min: 1,
    max: 100,
    ...DEPARTMENT_NAME,
    example: 'HR',
  })
  name?: string;

  @Text('The caller’s own key of the department.', { optional, max: 256, example: 'HR部门' })
  sourceIdentifier?: string;

  @Ids('writableDepartment', 'Departments that see it although it is hidden.', PERMITS)
  deptPermits?: DepartmentId[];

  @Ids('user', 'People who see it although it is hidden.', PERMITS)
  userPermits?: UserId[];

  @Ids('user', 'People whom its members see besides.', PERMITS)
  outerPermitUsers?: UserId[];

  @Ids('writableDepartment', 'Departments that its members see besides.', PERMITS)
  outerPermitDepts?: DepartmentId[];

  @Flag('Whether its members see only their own departments and those below.', { optional })
  outerDeptOnlySelf?: boolean;

  @Json('Fields of the organisation’s own.', { optional, example: { 姓名: '张三' } })
  extension?: Record<string, unknown>;

  @Choice('Language of the contacts.', { optional, of: ContactLanguage, example: 'zh_CN' })
  language?: ContactLanguage;

  @Flag('Whether newcomers join the group chat by themselves.', { optional })
  autoAddUser?: boolean;

  @Ids('user', 'Its managers, who must be in the department already; an empty list clears them.', {
    optional,
    maxItems: 999,
  })
  deptManagerUserIdList?: UserId[];

  @Flag('Whether the group chat takes in the departments below.', { optional })
  groupContainSubDept?: boolean;

  @Flag('Whether the group chat takes in outsourced departments.', { optional })
  groupContainOuterDept?: boolean;

  @Flag('Whether the group chat takes in hidden departments.', { optional })
  groupContainHiddenDept?: boolean;

  @Id('user', 'Owner of the group chat.', { optional, example: '100' })
  orgDeptOwner?: UserId;

  @Text('Introduction.', { optional, max: 255 })
  brief?: string;

  @Text('Telephone.', { optional, max: 50, example: '0571-87654321' })
  telephone?: string;

  @Flag('Whether requests to join are granted by themselves.', { optional })
  autoApproveApply?: boolean;

  @NotBesideManagers()
  @Choices('Fields to clear, as an empty deptManagerUserIdList does.', { optional, of: ForceUpdateField, minItems: 1 })
  forceUpdateFields?: ForceUpdateField[];

  @Shape(() => SceneConfigInput, 'Where the hiding holds.', { optional })
  hideSceneConfig?: SceneConfigInput;

  @Shape(() => SceneConfigInput, 'Where the restriction of sight holds.', { optional })
  outerSceneConfig?: SceneConfigInput;

  @Flag('Whether employees may ask to join.', { optional })
  empApplyJoinDept?: boolean;

  @Text('Code. DingTalk itself may refuse more than 30 characters.', { optional, max: 255, example: '10000' })
  code?: string;
}

@ObjectType({ description: 'One field that changes.' })
export class FieldChange {
  @Text('The field, as in DepartmentChanges.', { max: 64, example: 'name' })
  field: string;

  @AnyValue('Its value before; null where DingTalk does not tell it.', 'HR')
  before: unknown;

  @AnyValue('Its value after.', 'People')
  after: unknown;
}

@ObjectType()
export class UpdateDepartmentPayload {
  @Shape(() => Department, 'The department as it now is.')
  department: Department;

  @Shapes(() => FieldChange, 'What changed, or with `dryRun` would change.', { maxItems: 40 })
  changes: FieldChange[];
}
