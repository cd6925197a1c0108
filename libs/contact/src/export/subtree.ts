import type { DepartmentId } from '#contract';
import type { ListedDepartment } from '../department/department.model.js';

/** The departments of a walk: in which order they come, and which are yet to be read. */
export class Subtree {
  private readonly places = new Map<DepartmentId, number>();
  private waiting: ListedDepartment[] = [];

  constructor(top: ListedDepartment) {
    this.add([top]);
  }

  /** A department that is told twice is read once. */
  add(found: readonly ListedDepartment[]): void {
    for (const department of found) {
      if (this.places.has(department.id)) continue;
      this.places.set(department.id, this.places.size);
      this.waiting.push(department);
    }
  }

  /** The next ones to read. */
  take(count: number): ListedDepartment[] {
    return this.waiting.splice(0, count);
  }

  /** A department that is gone: whoever is in others too is told there. */
  drop(id: DepartmentId): void {
    this.places.delete(id);
  }

  /** Whether a person who is in all of these is to be told with this one: no other of them comes before it. */
  isFirst(id: DepartmentId, all: readonly DepartmentId[]): boolean {
    const place = this.places.get(id) ?? 0;
    return all.every((other) => (this.places.get(other) ?? Infinity) >= place);
  }
}
