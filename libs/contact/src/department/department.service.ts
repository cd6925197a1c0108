import { Injectable } from '@nestjs/common';
import { type Change, Trail, Unknowns, isAsRecorded } from '#audit';
import { type DepartmentId, Failure } from '#contract';
import { DingTalkClient, Reading, Reads } from '#dingtalk';
import { isGone, isNotFound, settled } from '../settle.js';
import { showing } from '../showing.js';
import { idOf, targetOf } from '../targets.js';
import type { DepartmentChanges, UpdateDepartmentPayload } from './department-changes.model.js';
import { createDepartment, deleteDepartment, updateDepartment } from './department-writes.endpoints.js';
import { getDepartment, listChildren, listPath } from './department.endpoints.js';
import type { Department, ListedDepartment } from './department.model.js';
import { changesOf, differences, withChanges } from './differences.js';
import type { NewDepartment } from './new-department.model.js';
import { touchedBy } from './touched.js';

@Injectable()
export class DepartmentService {
  constructor(
    private readonly dingtalk: DingTalkClient,
    private readonly reads: Reads,
    private readonly trail: Trail,
    unknowns: Unknowns,
  ) {
    unknowns.readBackBy('updateDepartment', async (record) => isAsRecorded(record, await this.anew(idOf(record))));
    unknowns.readBackBy('deleteDepartment', async (record) => (await isGone(() => this.anew(idOf(record)))) === true);
  }

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
    if (dryRun) {
      const department = await this.anew(id);
      return { department, changes: differences(department, changes) };
    }
    return this.trail.change(
      { operation: 'updateDepartment', targets: [targetOf('department', id)], asked: changes },
      (change) => this.makeUpdate(id, changes, change),
      async (first) => ({ department: await this.get(id), changes: changesOf(first) }),
    );
  }

  private async makeUpdate(
    id: DepartmentId,
    changes: DepartmentChanges,
    change: Change,
  ): Promise<UpdateDepartmentPayload> {
    const before = await this.anew(id);
    const changed = differences(before, changes);
    change.changes(changed);
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
  create(department: NewDepartment): Promise<Department> {
    return this.trail.change(
      { operation: 'createDepartment', targets: ['department'], asked: department },
      (change) => this.makeNew(department, change),
      (first) => this.get(idOf(first)),
    );
  }

  private async makeNew(department: NewDepartment, change: Change): Promise<Department> {
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
    change.isAbout(targetOf('department', id));
    return this.anew(id).catch(() => asCreated(id, department));
  }

  /** Deletes a department that has neither members nor departments below it. It is read first: it has to be there. */
  delete(id: DepartmentId): Promise<void> {
    return this.trail.change(
      { operation: 'deleteDepartment', targets: [targetOf('department', id)], asked: {} },
      () => this.makeGone(id),
      async () => undefined,
    );
  }

  private async makeGone(id: DepartmentId): Promise<void> {
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
