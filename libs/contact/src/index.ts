export { ContactModule } from './contact.module.js';
export { DepartmentChanges, FieldChange, UpdateDepartmentPayload } from './department/department-changes.model.js';
export { Department } from './department/department.model.js';
export { DepartmentService } from './department/department.service.js';
export { EmployeeService } from './employee/employee.service.js';
export { OrgAccountVisibility, OrgAccountVisibilityInput } from './org-account/org-account.model.js';
export { OrgAccountService } from './org-account/org-account.service.js';
export { User } from './user/user.model.js';
export { UserService } from './user/user.service.js';
