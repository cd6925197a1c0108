import { Body, Controller, Get, Param, Patch, Query } from '@nestjs/common';
import { ApiExtraModels, ApiQuery, ApiTags, getSchemaPath } from '@nestjs/swagger';
import { Needs } from '#access';
import { Department, DepartmentChanges, DepartmentService, FieldChange } from '#contact';
import type { DepartmentId } from '#contract';
import { Answers } from '../edge/answers.js';
import { IdParam } from '../edge/id-param.js';
import { DryRunQueryPipe, IdPipe } from '../edge/value.pipes.js';

const CHANGES = { type: 'array', maxItems: 40, items: { $ref: getSchemaPath(FieldChange) } };

@ApiTags('departments')
@Controller('v1/departments')
export class DepartmentController {
  constructor(private readonly departments: DepartmentService) {}

  @Get(':id')
  @Needs('department:read')
  @IdParam('id', 'department')
  @Answers('department', Department, { does: 'A department' })
  async department(@Param('id', new IdPipe('department')) id: DepartmentId) {
    return { department: await this.departments.get(id) };
  }

  @Patch(':id')
  @Needs('department:write')
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
}
