import { Injectable } from '@nestjs/common';
import { type Change, Trail, Unknowns, isAsRecorded } from '#audit';
import { Failure, type UserId } from '#contract';
import { DingTalkClient, Reading, Reads } from '#dingtalk';
import { isGone, isNotFound, settled } from '../settle.js';
import { idOf, targetOf } from '../targets.js';
import { differences, isAsAsked, withChanges } from './differences.js';
import type { EmployeeChanges } from './employee-changes.model.js';
import { INVITATION_SENT, createEmployee, deleteEmployee, updateEmployee } from './employee-writes.endpoints.js';
import { getEmployee } from './employee.endpoints.js';
import type { Employee } from './employee.model.js';
import type { CreateEmployeePayload, NewEmployee } from './new-employee.model.js';
import { touchedBy, touchedByMove } from './touched.js';

/** What the trail notes where DingTalk has asked the person first. */
const PENDING = 'pending';

type Created = Pick<Employee, 'userId' | 'unionId'>;

/** Changes employees, and reads back what became of it. */
@Injectable()
export class EmployeeChangesService {
  constructor(
    private readonly dingtalk: DingTalkClient,
    private readonly reads: Reads,
    private readonly trail: Trail,
    unknowns: Unknowns,
  ) {
    unknowns.readBackBy('updateEmployee', async (record) => isAsRecorded(record, await this.anew(idOf(record))));
    unknowns.readBackBy('deleteEmployee', async (record) => (await isGone(() => this.anew(idOf(record)))) === true);
  }

  /** Creates an employee and reads them back, or learns that DingTalk has asked the person first. */
  create(employee: NewEmployee): Promise<CreateEmployeePayload> {
    const { userId } = employee;
    return this.trail.change(
      {
        operation: 'createEmployee',
        targets: [userId === undefined ? 'employee' : targetOf('employee', userId)],
        asked: employee,
      },
      (change) => this.makeNew(employee, change),
      async (first) =>
        first.note === PENDING
          ? { employee: null, pending: true }
          : { employee: await this.reads.read(getEmployee, { userId: idOf(first) }), pending: false },
    );
  }

  private async makeNew(employee: NewEmployee, change: Change): Promise<CreateEmployeePayload> {
    const isNew = employee.userId !== undefined && !(await this.isThere(employee.userId));
    const created = await settled(
      () => this.send(employee),
      async () => (isNew ? this.find(employee) : undefined),
    );
    if (!created) {
      change.note(PENDING);
      return { employee: null, pending: true };
    }
    change.isAbout(targetOf('employee', created.userId));
    const known = () => asCreated(created, employee);
    return { employee: await this.anew(created.userId).catch(known), pending: false };
  }

  /** Changes an employee and reads them back, since DingTalk's update answers nothing. */
  async update(userId: UserId, changes: EmployeeChanges): Promise<Employee> {
    if (Object.values(changes).every((value) => value === undefined)) {
      throw Failure.badInput('changes', 'at least one change is required');
    }
    return this.trail.change(
      { operation: 'updateEmployee', targets: [targetOf('employee', userId)], asked: changes },
      (change) => this.makeUpdate(userId, changes, change),
      () => this.reads.read(getEmployee, { userId }),
    );
  }

  private async makeUpdate(userId: UserId, changes: EmployeeChanges, change: Change): Promise<Employee> {
    const before = await this.anew(userId);
    change.changes(differences(before, changes));
    const found = await settled<Employee | undefined>(
      () =>
        this.reads.change(
          () => touchedBy(before, changes),
          () => this.dingtalk.send(updateEmployee, { userId, changes }),
        ),
      async () => {
        const employee = await this.anew(userId);
        return isAsAsked(employee, changes, before) ? employee : undefined;
      },
    );
    return found ?? this.anew(userId).catch(() => withChanges(before, changes));
  }

  /** Takes an employee out of the organisation. They are read first: their departments have one less. */
  delete(userId: UserId): Promise<void> {
    return this.trail.change(
      { operation: 'deleteEmployee', targets: [targetOf('employee', userId)], asked: {} },
      () => this.makeGone(userId),
      async () => undefined,
    );
  }

  private async makeGone(userId: UserId): Promise<void> {
    const before = await this.anew(userId);
    await settled<unknown>(
      () =>
        this.reads.change(
          () => touchedByMove(before.deptIdList, before),
          () => this.dingtalk.send(deleteEmployee, { userId }),
        ),
      () => isGone(() => this.anew(userId)),
    );
  }

  /** @returns null where the person has been asked and is no employee yet. */
  private async send(employee: NewEmployee): Promise<Created | null> {
    const { userId, deptIdList } = employee;
    const asked = userId === undefined ? undefined : { userId, unionId: null };
    try {
      return await this.reads.change(
        (created) => touchedByMove(deptIdList, created ?? asked),
        () => this.dingtalk.send(createEmployee, { employee }),
      );
    } catch (error) {
      if (error instanceof Failure && error.details.dingtalkCode === INVITATION_SENT) return null;
      throw error;
    }
  }

  /** Somebody whom DingTalk may have created can be told where the caller chose a userId that nobody had. */
  private async find({ userId = '', name }: NewEmployee): Promise<Created | undefined> {
    const employee = await this.anew(userId);
    return employee.name === name ? employee : undefined;
  }

  private isThere(userId: UserId): Promise<boolean> {
    return this.anew(userId).then(
      () => true,
      (error: unknown) => {
        if (isNotFound(error)) return false;
        throw error;
      },
    );
  }

  private anew(userId: UserId): Promise<Employee> {
    return this.reads.readAnew(getEmployee, { userId });
  }
}

/** A created employee as far as they are known, for when DingTalk cannot be asked. */
const asCreated = ({ userId, unionId }: Created, employee: NewEmployee): Employee => {
  const { name, mobile } = employee;
  const blank = getEmployee.read(new Reading({ userid: userId, unionid: unionId, name, mobile }), { userId });
  return withChanges(blank, employee);
};
