import type { CorpId, UserId } from '#contract';
import { endpoint } from '#dingtalk';
import type { OrgAccountField } from './org-account.model.js';

export interface VisibilityRequest {
  readonly toCorpIds: readonly CorpId[];
  readonly optUserId: UserId;
  readonly fields?: readonly OrgAccountField[];
}

/** Document: seed 000, api-orgaccountmobilevisibleinotherorg. DingTalk spells the permission so. */
export const setVisibility = endpoint({
  name: 'org-account.set-visibility',
  api: 'v1',
  route: 'PUT /v1.0/contact/orgAccounts/mobiles/visibleInOtherOrg',
  bearer: 'app',
  permission: 'Contact.OrgAccount.VisiblityInOtherOrg',
  effect: 'write',
  refusals: {
    'invalid.param': {
      failure: 'REJECTED',
      message: 'DingTalk refuses the parameters: an organisation of toCorpIds or the optUserId is not valid there.',
    },
  },
  write: ({ toCorpIds, optUserId, fields }: VisibilityRequest) => ({ body: { toCorpIds, optUserId, fields } }),
  read: (answer): boolean => answer.must('flag', 'result'),
});
