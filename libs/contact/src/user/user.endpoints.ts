import type { UnionId } from '#contract';
import { endpoint } from '#dingtalk';
import { showing } from '../showing.js';
import type { User } from './user.model.js';

/** Document: seed 004, dingtalk users/{unionId}. `me` is the person whose token the call carries. */
export const getUser = endpoint({
  name: 'user.get',
  api: 'v1',
  route: 'GET /v1.0/contact/users/{unionId}',
  bearer: 'person',
  permission: 'Contact.User.Read',
  effect: 'read',
  refusals: { 'invalidParameter.user.notFound': { failure: 'NOT_FOUND', message: 'There is no such user.' } },
  write: ({ unionId }: { unionId: UnionId }) => ({ path: { unionId } }),
  read: (answer): User => ({
    unionId: answer.must('text', 'unionId'),
    openId: answer.text('openId'),
    nick: answer.text('nick'),
    avatarUrl: answer.text('avatarUrl'),
    mobile: answer.text('mobile'),
    email: answer.text('email'),
    stateCode: answer.text('stateCode'),
    loginEmail: answer.text('loginEmail'),
    visitor: answer.flag('visitor'),
  }),
  shows: () => [showing.profiles],
});
