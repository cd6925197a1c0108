import { Args, Context, ID, Mutation, Query, Resolver } from '@nestjs/graphql';
import { Needs } from '#access';
import {
  CreateDepartmentPayload,
  DeleteDepartmentPayload,
  Department,
  DepartmentChanges,
  DepartmentService,
  type ListedDepartment,
  NewDepartment,
  UpdateDepartmentPayload,
} from '#contact';
import type { DepartmentId } from '#contract';
import { Calls } from '../edge/calls.js';
import type { GraphQLContext } from '../edge/graphql-context.js';
import { DryRunPipe, IdPipe } from '../edge/value.pipes.js';
import { Changes } from '../trail/changes.decorator.js';

@Resolver(() => Department)
export class DepartmentResolver {
  constructor(private readonly departments: DepartmentService) {}

  @Query(() => Department, { description: 'A department. Needs `department:read`.' })
  @Needs('department:read')
  @Calls(1)
  department(
    @Args('id', { type: () => ID }, new IdPipe('department')) id: DepartmentId,
    @Context() { records }: GraphQLContext,
  ): Promise<Department> {
    return records.departments.load(id);
  }

  @Query(() => [Department], {
    name: 'departments',
    description: 'The departments one level below one, by default below the root. Needs `department:read`.',
  })
  @Needs('department:read')
  @Calls(1)
  children(
    @Args('parentId', { type: () => ID, defaultValue: '1', nullable: true }, new IdPipe('department', '1'))
    id: DepartmentId,
  ): Promise<ListedDepartment[]> {
    return this.departments.children(id);
  }

  @Mutation(() => UpdateDepartmentPayload, {
    description:
      'Changes a department and answers it as it now is. With `dryRun` nothing is changed. Needs `department:write`.',
  })
  @Needs('department:write')
  @Changes('department', 'id')
  @Calls(({ dryRun }) => (dryRun === true ? 1 : 3))
  updateDepartment(
    @Args('id', { type: () => ID }, new IdPipe('writableDepartment')) id: DepartmentId,
    @Args('changes') changes: DepartmentChanges,
    @Args('dryRun', { type: () => Boolean, defaultValue: false, nullable: true }, new DryRunPipe()) dryRun: boolean,
  ): Promise<UpdateDepartmentPayload> {
    return this.departments.update(id, changes, dryRun);
  }

  @Mutation(() => CreateDepartmentPayload, {
    description: 'Creates a department and answers it as it now is. Needs `department:write`.',
  })
  @Needs('department:write')
  @Changes('department')
  @Calls(3)
  async createDepartment(@Args('department') department: NewDepartment): Promise<CreateDepartmentPayload> {
    return { department: await this.departments.create(department) };
  }

  @Mutation(() => DeleteDepartmentPayload, {
    description: 'Deletes a department without members and departments below it. Needs `department:write`.',
  })
  @Needs('department:write')
  @Changes('department', 'id')
  @Calls(2)
  async deleteDepartment(
    @Args('id', { type: () => ID }, new IdPipe('writableDepartment')) id: DepartmentId,
  ): Promise<DeleteDepartmentPayload> {
    await this.departments.delete(id);
    return { id };
  }
}
