import { Args, ID, Mutation, Query, Resolver } from '@nestjs/graphql';
import { Needs } from '#access';
import { Department, DepartmentChanges, DepartmentService, UpdateDepartmentPayload } from '#contact';
import type { DepartmentId } from '#contract';
import { DryRunPipe, IdPipe } from '../edge/value.pipes.js';

@Resolver(() => Department)
export class DepartmentResolver {
  constructor(private readonly departments: DepartmentService) {}

  @Query(() => Department, { description: 'A department. Needs `department:read`.' })
  @Needs('department:read')
  department(@Args('id', { type: () => ID }, new IdPipe('department')) id: DepartmentId): Promise<Department> {
    return this.departments.get(id);
  }

  @Mutation(() => UpdateDepartmentPayload, {
    description:
      'Changes a department and answers it as it now is. With `dryRun` nothing is changed. Needs `department:write`.',
  })
  @Needs('department:write')
  updateDepartment(
    @Args('id', { type: () => ID }, new IdPipe('writableDepartment')) id: DepartmentId,
    @Args('changes') changes: DepartmentChanges,
    @Args('dryRun', { type: () => Boolean, defaultValue: false, nullable: true }, new DryRunPipe()) dryRun: boolean,
  ): Promise<UpdateDepartmentPayload> {
    return this.departments.update(id, changes, dryRun);
  }
}
