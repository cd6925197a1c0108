import { InputType, ObjectType, registerEnumType } from '@nestjs/graphql';
import { ValidateBy } from 'class-validator';
import { Choice, Choices, type DepartmentId, Ids, Shape, Text } from '#contract';
import { PERSON_NAME } from '../names.js';
import { ContactLanguage } from '../department/department-changes.model.js';
import { Employee } from './employee.model.js';
import { EmployeeFields } from './new-employee.model.js';

export enum ForceUpdateEmployeeField {
  MANAGER_USER_ID = 'managerUserId',
}
registerEnumType(ForceUpdateEmployeeField, {
  name: 'ForceUpdateEmployeeField',
  description: 'A field of an employee that can be cleared.',
});

export enum ExtAttrsUpdateMode {
  OVERWRITE = 'overwrite',
  APPEND = 'append',
}
registerEnumType(ExtAttrsUpdateMode, {
  name: 'ExtAttrsUpdateMode',
  description: 'What becomes of fields in `extension` that are not named.',
});

const optional = true;

/** Clearing the manager and naming one at once is a contradiction. */
const NotBesideManager = (): PropertyDecorator =>
  ValidateBy({
    name: 'notBesideManager',
    validator: {
      validate: (_, args) => (args?.object as EmployeeChanges).managerUserId === undefined,
      defaultMessage: () => 'must not stand beside a managerUserId',
    },
  });

@InputType({
  description:
    'What is to change of an employee. What is left out stays as it is; null is refused; at least one change is required. DingTalk does not change the mobile number.',
})
export class EmployeeChanges extends EmployeeFields {
  @Text('Name.', { optional, min: 1, max: 80, ...PERSON_NAME, example: '张三' })
  name?: string;

  @Ids('writableDepartment', 'The departments they are in.', { optional, minItems: 1, maxItems: 100 })
  deptIdList?: DepartmentId[];

  @Choice('Whether `extension` replaces all its fields, or those that it names.', {
    optional,
    of: ExtAttrsUpdateMode,
    example: 'overwrite',
  })
  extAttrsUpdateMode?: ExtAttrsUpdateMode;

  @Choice('Language of the contacts.', { optional, of: ContactLanguage, example: 'zh_CN' })
  language?: ContactLanguage;

  @NotBesideManager()
  @Choices('Fields to clear.', { optional, of: ForceUpdateEmployeeField, minItems: 1 })
  forceUpdateFields?: ForceUpdateEmployeeField[];
}

@ObjectType()
export class UpdateEmployeePayload {
  @Shape(() => Employee, 'The employee as they now are.')
  employee: Employee;
}
