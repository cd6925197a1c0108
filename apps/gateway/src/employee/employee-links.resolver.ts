import { Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { Needs } from '#access';
import { Department, Employee, type ListedEmployee } from '#contact';
import { Calls } from '../edge/calls.js';
import type { GraphQLContext } from '../edge/graphql-context.js';
import { thoseThere } from '../edge/records.js';

/** As far as the list that told them did. */
type Told = Partial<ListedEmployee> & Pick<Employee, 'userId'>;

/** What leads on from an employee. Each may be null: one that cannot be read takes nothing else along. */
@Resolver(() => Employee)
export class EmployeeLinksResolver {
  @ResolveField(() => [Department], {
    nullable: true,
    description: 'The departments they are in. Needs `department:read`.',
  })
  @Needs('department:read', 'employee:read')
  @Calls(0)
  async departments(@Parent() employee: Told, @Context() { records }: GraphQLContext): Promise<Department[]> {
    const { deptIdList = (await records.employees.load(employee.userId)).deptIdList } = employee;
    return thoseThere(records.departments, deptIdList);
  }

  @ResolveField(() => Employee, { nullable: true, description: 'Whom they report to; null where nobody is named.' })
  @Needs('employee:read')
  @Calls(0)
  async manager(@Parent() employee: Told, @Context() { records }: GraphQLContext): Promise<Employee | null> {
    const { managerUserId = (await records.employees.load(employee.userId)).managerUserId } = employee;
    if (!managerUserId) return null;
    const [manager] = await thoseThere(records.employees, [managerUserId]);
    return manager ?? null;
  }
}
