/** What an internal app is told when it asks for a person's profile. */
export const INSTEAD = 'use employee(userId) or employeeByUnionId(unionId), or GET /v1/employees/{userId}';
