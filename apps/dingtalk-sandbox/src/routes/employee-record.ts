import type { Person, World } from '../world/world.js';

const leads = (person: Person, dept: number, world: World): boolean => {
  const managers = (world.departments.get(dept)?.['dept_manager_userid_list'] ?? []) as unknown[];
  return managers.includes(person.userid);
};

/** What both the record and the list of members tell. What is empty is left out, as DingTalk does. */
const common = (person: Person): Record<string, unknown> => ({
  userid: person.userid,
  unionid: person.unionId,
  name: person.name,
  ...(person.avatarUrl && { avatar: person.avatarUrl }),
  state_code: '86',
  mobile: person.mobile,
  hide_mobile: false,
  title: person.title,
  ...(person.email && { email: person.email }),
  dept_id_list: person.departments,
  hired_date: person.hired,
  active: true,
  admin: person.admin,
  boss: false,
  exclusive_account: false,
  ...person.fields,
});

/** `topapi/v2/user/get`. */
export const record = (person: Person, world: World): object => ({
  ...common(person),
  ...(person.manager && { manager_userid: person.manager }),
  dept_order_list: person.departments.map((dept_id) => ({ dept_id, order: 1 })),
  leader_in_dept: person.departments.map((dept_id) => ({ dept_id, leader: leads(person, dept_id, world) })),
  real_authed: true,
  senior: false,
  ...person.record,
});

/** One of `topapi/v2/user/list`, which tells less. */
export const listed = (person: Person, dept: number, world: World): object => ({
  ...common(person),
  dept_order: 1,
  leader: leads(person, dept, world),
});
