import { Args, Context, Int, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { Needs } from '#access';
import {
  Department,
  DepartmentService,
  Employee,
  EmployeeConnection,
  EmployeeService,
  type ListedDepartment,
} from '#contact';
import { Calls } from '../edge/calls.js';
import { connectionOf } from '../edge/connection.js';
import type { GraphQLContext } from '../edge/graphql-context.js';
import { AfterPipe, FirstPipe, PAGE, pageFrom } from '../edge/page.pipes.js';
import { thoseThere } from '../edge/records.js';

/** As far as the list that told it did. */
type Told = Partial<ListedDepartment> & Pick<Department, 'id'>;

/** What leads on from a department. Each may be null: one that cannot be read takes nothing else along. */
@Resolver(() => Department)
export class DepartmentLinksResolver {
  constructor(
    private readonly departments: DepartmentService,
    private readonly employees: EmployeeService,
  ) {}

  @ResolveField(() => Department, { nullable: true, description: 'The department above; null for the root.' })
  @Needs('department:read')
  @Calls(0)
  async parent(@Parent() department: Told, @Context() { records }: GraphQLContext) {
    const { parentId = (await records.departments.load(department.id)).parentId } = department;
    return parentId === null ? null : records.departments.load(parentId);
  }

  @ResolveField(() => [Department], { nullable: true, description: 'The departments one level down.' })
  @Needs('department:read')
  @Calls(1)
  children(@Parent() { id }: Department): Promise<ListedDepartment[]> {
    return this.departments.children(id);
  }

  @ResolveField(() => [Department], { nullable: true, description: 'The departments above, up to the root.' })
  @Needs('department:read')
  @Calls(1)
  async ancestors(@Parent() { id }: Department): Promise<Pick<Department, 'id'>[]> {
    const ids = await this.departments.ancestorIds(id);
    return ids.map((ancestor) => ({ id: ancestor }));
  }

  @ResolveField(() => EmployeeConnection, {
    nullable: true,
    description: 'The people right in it. Needs `employee:read`.',
  })
  @Needs('department:read', 'employee:read')
  @Calls(1)
  async members(
    @Parent() { id }: Department,
    @Args('first', { type: () => Int, defaultValue: PAGE.members, nullable: true }, new FirstPipe(PAGE.members))
    first: number,
    @Args('after', { type: () => String, nullable: true }, new AfterPipe()) after?: string,
  ): Promise<EmployeeConnection> {
    return connectionOf(await this.employees.members(id, pageFrom(first, after)));
  }

  @ResolveField(() => [Employee], { nullable: true, description: 'Its managers. Needs `employee:read`.' })
  @Needs('department:read', 'employee:read')
  @Calls(0)
  async managers(@Parent() { id }: Department, @Context() { records }: GraphQLContext): Promise<Employee[]> {
    const { deptManagerUserIdList } = await records.departments.load(id);
    return thoseThere(records.employees, deptManagerUserIdList);
  }
}
