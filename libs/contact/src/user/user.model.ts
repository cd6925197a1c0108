import { ObjectType } from '@nestjs/graphql';
import { Flag, Id, Text } from '#contract';

@ObjectType({
  description:
    'A person as DingTalk knows them, across organisations: the profile of `GET /v1.0/contact/users/{unionId}`, read with the token of the person who asks.',
})
export class User {
  @Id('union', 'The same person across the apps of one developer.')
  unionId: string;

  @Id('open', 'The person inside this one app.', { nullable: true })
  openId: string | null;

  @Text('Name that the person chose at DingTalk.', { nullable: true, max: 256, example: 'zhangsan' })
  nick: string | null;

  @Text('Address of the picture.', { nullable: true, max: 2048, example: 'https://static.example.com/avatar.png' })
  avatarUrl: string | null;

  @Text('Mobile number, without the country code. Needs `user:read:mobile`.', {
    nullable: true,
    max: 64,
    example: '150xxxx9144',
  })
  mobile: string | null;

  @Text('Personal mail address; never one that DingTalk provides. Needs `user:read:email`.', {
    nullable: true,
    max: 320,
    example: 'zhangsan@example.com',
  })
  email: string | null;

  @Text('Country code of the mobile number.', { nullable: true, max: 16, example: '86' })
  stateCode: string | null;

  @Text('Mail address that the person signs in with. Needs `user:read:email`.', {
    nullable: true,
    max: 320,
    example: 'zhangsan@example.com',
  })
  loginEmail: string | null;

  @Flag('Whether the person is a visitor only.', { nullable: true, example: false })
  visitor: boolean | null;
}
