import { Injectable } from '@nestjs/common';
import { type DepartmentId, Failure } from '#contract';
import { DingTalkClient } from '#dingtalk';
import type { DepartmentChanges, UpdateDepartmentPayload } from './department-changes.model.js';
import { getDepartment, updateDepartment } from './department.endpoints.js';
import type { Department } from './department.model.js';
import { differences, withChanges } from './differences.js';

@Injectable()
export class DepartmentService {
  constructor(private readonly dingtalk: DingTalkClient) {}

  get(id: DepartmentId): Promise<Department> {
    return this.dingtalk.send(getDepartment, { id });
  }

  /**
   * Changes a department and reads it back, since DingTalk's update answers nothing.
   * With `dryRun` it reads and compares only.
   */
  async update(id: DepartmentId, changes: DepartmentChanges, dryRun = false): Promise<UpdateDepartmentPayload> {
    if (Object.values(changes).every((value) => value === undefined)) {
      throw Failure.badInput('changes', 'at least one change is required');
    }
    const before = await this.get(id);
    const changed = differences(before, changes);
    if (dryRun) return { department: before, changes: changed };
    const settled = await this.write(id, changes);
    // A change that was made is never answered by an error because it cannot be read back.
    const department = settled ?? (await this.get(id).catch(() => withChanges(before, changes)));
    return { department, changes: changed };
  }

  /** @returns the department where the answer was lost and reading back showed that the change is made. */
  private async write(id: DepartmentId, changes: DepartmentChanges): Promise<Department | undefined> {
    try {
      return await this.dingtalk.send(updateDepartment, { id, changes });
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 'OUTCOME_UNKNOWN') throw error;
      const department = await this.get(id).catch(() => undefined);
      if (department && differences(department, changes).length === 0) return department;
      throw error;
    }
  }
}
