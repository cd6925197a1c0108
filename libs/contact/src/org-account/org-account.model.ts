import { InputType, ObjectType, registerEnumType } from '@nestjs/graphql';
import { Choices, Id, Ids } from '#contract';

export enum OrgAccountField {
  MOBILE = 'mobile',
  STATUS = 'status',
}

registerEnumType(OrgAccountField, {
  name: 'OrgAccountField',
  description: 'A field of an enterprise account that another organisation may be allowed to see.',
  valuesMap: {
    MOBILE: { description: 'The mobile number.' },
    STATUS: { description: 'Whether the account is deactivated.' },
  },
});

@InputType({ description: 'Which fields of our enterprise accounts other organisations may see.' })
export class OrgAccountVisibilityInput {
  @Ids('corp', 'The organisations that may see them.', { minItems: 1, maxItems: 200 })
  toCorpIds: string[];

  @Choices('The fields. Left out or empty means the mobile number alone.', { optional: true, of: OrgAccountField })
  fields?: OrgAccountField[];

  @Id('user', 'The employee in whose name it is done, for DingTalk’s own audit. A person may only name themself.', {
    optional: true,
  })
  optUserId?: string;
}

@ObjectType({ description: 'What was authorised. DingTalk offers no call that reads or withdraws it.' })
export class OrgAccountVisibility {
  @Ids('corp', 'The organisations that may see the fields.', { maxItems: 200 })
  toCorpIds: string[];

  @Choices('The fields that took effect.', { of: OrgAccountField, example: ['mobile'] })
  fields: OrgAccountField[];
}
