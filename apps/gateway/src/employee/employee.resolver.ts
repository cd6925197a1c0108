import { Args, Context, ID, Int, Mutation, Query, Resolver } from '@nestjs/graphql';
import { Needs } from '#access';
import {
  CreateEmployeePayload,
  DeleteEmployeePayload,
  Employee,
  EmployeeChanges,
  EmployeeChangesService,
  EmployeeConnection,
  EmployeeService,
  NewEmployee,
  UpdateEmployeePayload,
} from '#contact';
import type { UnionId, UserId } from '#contract';
import { Calls } from '../edge/calls.js';
import { connectionOf } from '../edge/connection.js';
import type { GraphQLContext } from '../edge/graphql-context.js';
import { AfterPipe, FirstPipe, PAGE, pageFrom } from '../edge/page.pipes.js';
import { IdPipe, SearchPipe } from '../edge/value.pipes.js';
import { Changes } from '../trail/changes.decorator.js';

@Resolver(() => Employee)
export class EmployeeResolver {
  constructor(
    private readonly employees: EmployeeService,
    private readonly changes: EmployeeChangesService,
  ) {}

  @Query(() => Employee, { description: 'An employee. Needs `employee:read`.' })
  @Needs('employee:read')
  @Calls(1)
  employee(
    @Args('userId', { type: () => ID }, new IdPipe('user')) userId: UserId,
    @Context() { records }: GraphQLContext,
  ): Promise<Employee> {
    return records.employees.load(userId);
  }

  @Query(() => Employee, { description: 'An employee of whom only the unionId is known. Needs `employee:read`.' })
  @Needs('employee:read')
  @Calls(2)
  employeeByUnionId(@Args('unionId', { type: () => ID }, new IdPipe('union')) unionId: UnionId): Promise<Employee> {
    return this.employees.getByUnionId(unionId);
  }

  @Query(() => EmployeeConnection, {
    description: 'Employees by name, its pinyin or the English name. Needs `employee:read`.',
  })
  @Needs('employee:read')
  @Calls(1)
  async searchEmployees(
    @Args('query', { type: () => String }, new SearchPipe()) query: string,
    @Args('first', { type: () => Int, defaultValue: PAGE.search, nullable: true }, new FirstPipe(PAGE.search))
    first: number,
    @Args('after', { type: () => String, nullable: true }, new AfterPipe()) after?: string,
  ): Promise<EmployeeConnection> {
    const { edges, pageInfo } = await this.employees.search(query, pageFrom(first, after));
    // DingTalk tells userIds only: whatever else is asked for is read of each.
    return connectionOf({ edges: edges.map(({ node, cursor }) => ({ node: { userId: node }, cursor })), pageInfo });
  }

  @Mutation(() => CreateEmployeePayload, {
    description:
      'Creates an employee and answers them as they now are, or `pending` where DingTalk has asked the person first. Needs `employee:write`.',
  })
  @Needs('employee:write')
  @Changes('employee')
  @Calls(2)
  createEmployee(@Args('employee') employee: NewEmployee): Promise<CreateEmployeePayload> {
    return this.changes.create(employee);
  }

  @Mutation(() => UpdateEmployeePayload, {
    description: 'Changes an employee and answers them as they now are. Needs `employee:write`.',
  })
  @Needs('employee:write')
  @Changes('employee', 'userId')
  @Calls(3)
  async updateEmployee(
    @Args('userId', { type: () => ID }, new IdPipe('user')) userId: UserId,
    @Args('changes') changes: EmployeeChanges,
  ): Promise<UpdateEmployeePayload> {
    return { employee: await this.changes.update(userId, changes) };
  }

  @Mutation(() => DeleteEmployeePayload, {
    description: 'Takes an employee out of the organisation. Needs `employee:write`.',
  })
  @Needs('employee:write')
  @Changes('employee', 'userId')
  @Calls(2)
  async deleteEmployee(
    @Args('userId', { type: () => ID }, new IdPipe('user')) userId: UserId,
  ): Promise<DeleteEmployeePayload> {
    await this.changes.delete(userId);
    return { userId };
  }
}
