import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiExtraModels, ApiNoContentResponse, ApiOperation, ApiQuery, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Needs } from '#access';
import {
  Department,
  DepartmentChanges,
  DepartmentService,
  EmployeeService,
  FieldChange,
  ListedDepartment,
  ListedEmployee,
  NewDepartment,
} from '#contact';
import type { DepartmentId, PageRequest } from '#contract';
import { Answers } from '../edge/answers.js';
import { IdParam } from '../edge/id-param.js';
import { AnswersList, WHOLE_LIST, answerPage } from '../edge/lists.js';
import { PAGE, PageQueryPipe } from '../edge/page.pipes.js';
import { DryRunQueryPipe, IdPipe } from '../edge/value.pipes.js';
import { Changes } from '../trail/changes.decorator.js';

const CHANGES = { type: 'array', maxItems: 40, items: { $ref: getSchemaPath(FieldChange) } };

@ApiTags('departments')
@Controller('v1/departments')
export class DepartmentController {
  constructor(
    private readonly departments: DepartmentService,
    private readonly employees: EmployeeService,
  ) {}

  @Get(':id')
  @Needs('department:read')
  @IdParam('id', 'department')
  @Answers('department', Department, { does: 'A department' })
  async department(@Param('id', new IdPipe('department')) id: DepartmentId) {
    return { department: await this.departments.get(id) };
  }

  @Get(':id/children')
  @Needs('department:read')
  @IdParam('id', 'department')
  @AnswersList('departments', ListedDepartment, { does: 'The departments one level down', maxItems: 10_000 })
  async children(@Param('id', new IdPipe('department')) id: DepartmentId) {
    return { departments: await this.departments.children(id), pageInfo: WHOLE_LIST };
  }

  @Get(':id/ancestors')
  @Needs('department:read')
  @IdParam('id', 'department')
  @AnswersList('departments', Department, { does: 'The departments above, up to the root', maxItems: 100 })
  async ancestors(@Param('id', new IdPipe('department')) id: DepartmentId) {
    return { departments: await this.departments.ancestors(id), pageInfo: WHOLE_LIST };
  }

  @Get(':id/members')
  @Needs('department:read', 'employee:read')
  @IdParam('id', 'department')
  @AnswersList('employees', ListedEmployee, { does: 'The people right in a department', limit: PAGE.members })
  async members(
    @Param('id', new IdPipe('department')) id: DepartmentId,
    @Query(new PageQueryPipe(PAGE.members)) page: PageRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const { items, pageInfo } = answerPage(await this.employees.members(id, page), reply);
    return { employees: items, pageInfo };
  }

  @Post()
  @Needs('department:write')
  @Changes('department')
  @Answers('department', Department, { does: 'Create a department', created: true })
  async createDepartment(@Body() body: NewDepartment, @Res({ passthrough: true }) reply: FastifyReply) {
    const department = await this.departments.create(body);
    void reply.header('location', `/v1/departments/${department.id}`);
    return { department };
  }

  @Patch(':id')
  @Needs('department:write')
  @Changes('department', 'id')
  @IdParam('id', 'writableDepartment')
  @ApiQuery({ name: 'dryRun', required: false, type: Boolean, description: 'Tell the changes, make none.' })
  @ApiExtraModels(FieldChange)
  @Answers('department', Department, { does: 'Change a department', or: { changes: CHANGES } })
  async updateDepartment(
    @Param('id', new IdPipe('writableDepartment')) id: DepartmentId,
    @Query(new DryRunQueryPipe()) dryRun: boolean,
    @Body() body: DepartmentChanges,
  ) {
    const { department, changes } = await this.departments.update(id, body, dryRun);
    return dryRun ? { changes } : { department };
  }

  @Delete(':id')
  @HttpCode(204)
  @Needs('department:write')
  @Changes('department', 'id')
  @IdParam('id', 'writableDepartment')
  @ApiNoContentResponse({ description: 'It is no more.' })
  @ApiOperation({ summary: 'Delete a department without members and departments below it' })
  async deleteDepartment(@Param('id', new IdPipe('writableDepartment')) id: DepartmentId): Promise<void> {
    await this.departments.delete(id);
  }
}
