import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiNoContentResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Needs } from '#access';
import {
  CreateEmployeePayload,
  Employee,
  EmployeeChanges,
  EmployeeChangesService,
  EmployeeService,
  NewEmployee,
} from '#contact';
import type { UserId } from '#contract';
import { Answers, LOCATION } from '../edge/answers.js';
import { IdParam } from '../edge/id-param.js';
import { answerPage } from '../edge/lists.js';
import { IdPipe } from '../edge/value.pipes.js';
import { Changes } from '../trail/changes.decorator.js';
import { AnswersEmployees, type EmployeesQuery, EmployeesQueryPipe } from './employees-query.js';

@ApiTags('employees')
@Controller('v1/employees')
export class EmployeeController {
  constructor(
    private readonly employees: EmployeeService,
    private readonly changes: EmployeeChangesService,
  ) {}

  @Get()
  @Needs('employee:read')
  @AnswersEmployees()
  async findEmployees(
    @Query(new EmployeesQueryPipe()) asked: EmployeesQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    if ('unionId' in asked) return { employee: await this.employees.getByUnionId(asked.unionId) };
    const { items, pageInfo } = answerPage(await this.employees.searchRecords(asked.query, asked.page), reply);
    return { employees: items, pageInfo };
  }

  @Get(':userId')
  @Needs('employee:read')
  @IdParam('userId', 'user')
  @Answers('employee', Employee, { does: 'An employee' })
  async employee(@Param('userId', new IdPipe('user')) userId: UserId) {
    return { employee: await this.employees.get(userId) };
  }

  @Post()
  @Needs('employee:write')
  @Changes('employee')
  @ApiOperation({ summary: 'Create an employee' })
  @ApiResponse({ status: 201, description: 'Created.', type: CreateEmployeePayload, headers: LOCATION })
  @ApiResponse({ status: 202, description: 'DingTalk has asked the person first.', type: CreateEmployeePayload })
  async createEmployee(@Body() body: NewEmployee, @Res({ passthrough: true }) reply: FastifyReply) {
    const created = await this.changes.create(body);
    if (created.employee) void reply.header('location', `/v1/employees/${encodeURIComponent(created.employee.userId)}`);
    else void reply.status(202);
    return created;
  }

  @Patch(':userId')
  @Needs('employee:write')
  @Changes('employee', 'userId')
  @IdParam('userId', 'user')
  @Answers('employee', Employee, { does: 'Change an employee' })
  async updateEmployee(@Param('userId', new IdPipe('user')) userId: UserId, @Body() body: EmployeeChanges) {
    return { employee: await this.changes.update(userId, body) };
  }

  @Delete(':userId')
  @HttpCode(204)
  @Needs('employee:write')
  @Changes('employee', 'userId')
  @IdParam('userId', 'user')
  @ApiNoContentResponse({ description: 'They are no more.' })
  @ApiOperation({ summary: 'Take an employee out of the organisation' })
  async deleteEmployee(@Param('userId', new IdPipe('user')) userId: UserId): Promise<void> {
    await this.changes.delete(userId);
  }
}
