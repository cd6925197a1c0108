import { formatsWith } from './formats.js';

/** Departments and employees, one beside the other. */
export const DIRECTORY_FORMATS = formatsWith([
  ...['id', 'name', 'parentId', 'deptIdList', 'unionId', 'title', 'jobNumber', 'mobile', 'stateCode', 'email'],
  ...['orgEmail', 'telephone', 'workPlace', 'remark', 'hiredDate', 'active', 'admin', 'boss'],
  ...['exclusiveAccount', 'exclusiveAccountType', 'loginId', 'hideMobile', 'avatar', 'extension', 'leaderInDept'],
  ...['deptOrderList', 'sourceIdentifier', 'tags', 'fromUnionOrg'],
  ...['createDeptGroup', 'autoAddUser', 'departments', 'employees', 'skipped', 'code', 'requestId'],
]);
