import { Injectable } from '@nestjs/common';
import { type DepartmentId, Failure } from '#contract';
import { DingTalkClient, Reading, Reads } from '#dingtalk';
import { isGone, isNotFound, settled } from '../settle.js';
import { showing } from '../showing.js';
import type { DepartmentChanges, UpdateDepartmentPayload } from './department-changes.model.js';
import { createDepartment, deleteDepartment, updateDepartment } from './department-writes.endpoints.js';
import { getDepartment, listChildren, listPath } from './department.endpoints.js';
import type { Department, ListedDepartment } from './department.model.js';
import { differences, withChanges } from './differences.js';
import type { NewDepartment } from './new-department.model.js';
import { touchedBy } from './touched.js';

@Injectable()
export class DepartmentService {
  constructor(
    private readonly dingtalk: DingTalkClient,
    private readonly reads: Reads,
  ) {}

  get(id: DepartmentId): Promise<Department> {
    return this.reads.read(getDepartment, { id });
  }

  /** The departments one level down, with the few fields that DingTalk's list tells. */
  children(id: DepartmentId): Promise<ListedDepartment[]> {
    return this.reads.read(listChildren, { id });
  }

  /** The departments above, the nearest first, the root last. */
  async ancestorIds(id: DepartmentId): Promise<DepartmentId[]> {
    const path = await this.reads.read(listPath, { id });
    return path.filter((other) => other !== id);
  }

  async ancestors(id: DepartmentId): Promise<Department[]> {
    const ids = await this.ancestorIds(id);
    return Promise.all(ids.map((ancestor) => this.get(ancestor)));
  }

  /**
   * Changes a department and reads it back, since DingTalk's update answers nothing.
   * With `dryRun` it reads and compares only.
   */
  async update(id: DepartmentId, changes: DepartmentChanges, dryRun = false): Promise<UpdateDepartmentPayload> {
    if (Object.values(changes).every((value) => value === undefined)) {
      throw Failure.badInput('changes', 'at least one change is required');
    }
    const before = await this.reads.readAnew(getDepartment, { id });
    const changed = differences(before, changes);
    if (dryRun) return { department: before, changes: changed };
    const found = await settled<Department | undefined>(
      () =>
        this.reads.change(
          () => touchedBy(before, changes),
          () => this.dingtalk.send(updateDepartment, { id, changes }),
        ),
      () => this.findWith(id, changes),
    );
    // A change that was made is never answered by an error because it cannot be read back.
    const department = found ?? (await this.anew(id).catch(() => withChanges(before, changes)));
    return { department, changes: changed };
  }

  /**
   * Creates a department and reads it back. One that DingTalk may have created is looked for by its name, among those that
   * were not there before.
   */
  async create(department: NewDepartment): Promise<Department> {
    const { parentId } = department;
    const before = await this.childrenIfThere(parentId);
    const id = await settled(
      () =>
        this.reads.change(
          () => [showing.children(parentId)],
          () => this.dingtalk.send(createDepartment, { department }),
        ),
      () => this.findNew(department, before),
    );
    return this.anew(id).catch(() => asCreated(id, department));
  }

  /** Deletes a department that has neither members nor departments below it. It is read first: it has to be there. */
  async delete(id: DepartmentId): Promise<void> {
    await this.anew(id);
    await settled<unknown>(
      () =>
        this.reads.change(
          () => [showing.department(id), showing.children(id), showing.members(id), showing.path(id)],
          () => this.dingtalk.send(deleteDepartment, { id }),
        ),
      () => isGone(() => this.anew(id)),
    );
  }

  private anew(id: DepartmentId): Promise<Department> {
    return this.reads.readAnew(getDepartment, { id });
  }

  private async findWith(id: DepartmentId, changes: DepartmentChanges): Promise<Department | undefined> {
    const department = await this.anew(id);
    return differences(department, changes).length === 0 ? department : undefined;
  }

  private async findNew(
    department: NewDepartment,
    before: readonly ListedDepartment[],
  ): Promise<DepartmentId | undefined> {
    const now = await this.childrenIfThere(department.parentId);
    const old = new Set(before.map(({ id }) => id));
    const found = now.find(({ id, name }) => name === department.name && !old.has(id));
    return found && (await this.findWith(found.id, department)) ? found.id : undefined;
  }

  /** None below a department that is not there: DingTalk itself says so of whoever is to be put under it. */
  private childrenIfThere(id: DepartmentId): Promise<ListedDepartment[]> {
    return this.reads.readAnew(listChildren, { id }).catch((error: unknown) => {
      if (isNotFound(error)) return [];
      throw error;
    });
  }
}

/** A created department as far as it is known, for when DingTalk cannot be asked. */
const asCreated = (id: DepartmentId, department: NewDepartment): Department =>
  withChanges(getDepartment.read(new Reading({ dept_id: id, name: department.name }), { id }), department);
