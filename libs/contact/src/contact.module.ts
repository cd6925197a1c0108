import { Module } from '@nestjs/common';
import { AuditModule } from '#audit';
import { DingTalkModule } from '#dingtalk';
import { AppPermissions } from './app/app-permissions.service.js';
import { DepartmentService } from './department/department.service.js';
import { EmployeeChangesService } from './employee/employee-changes.service.js';
import { EmployeeService } from './employee/employee.service.js';
import { ExportService } from './export/export.service.js';
import { GrantsService } from './org-account/grants.service.js';
import { OrgAccountService } from './org-account/org-account.service.js';
import { UserService } from './user/user.service.js';

const SERVICES = [
  UserService,
  EmployeeService,
  EmployeeChangesService,
  DepartmentService,
  ExportService,
  OrgAccountService,
  GrantsService,
  AppPermissions,
];

@Module({ imports: [DingTalkModule, AuditModule], providers: SERVICES, exports: SERVICES })
export class ContactModule {}
