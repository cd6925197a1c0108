import { InputType, ObjectType } from '@nestjs/graphql';
import { Flag } from '#contract';

@InputType({ description: 'In which scenes a department is hidden or restricted.' })
export class SceneConfigInput {
  @Flag('Whether the department has rules of its own; false means those of the organisation.', { optional: true })
  active?: boolean;

  @Flag('Holds on the profile page.', { optional: true })
  profile?: boolean;

  @Flag('Holds in search.', { optional: true })
  search?: boolean;

  @Flag('Holds in the view of the organisation.', { optional: true })
  nodeList?: boolean;

  @Flag('Holds in the subtitle of a chat.', { optional: true })
  chatboxSubtitle?: boolean;
}

@ObjectType({ description: 'In which scenes a department is hidden or restricted.' })
export class SceneConfig {
  @Flag('Whether the department has rules of its own; false means those of the organisation.', { nullable: true })
  active: boolean | null;

  @Flag('Holds on the profile page.', { nullable: true })
  profile: boolean | null;

  @Flag('Holds in search.', { nullable: true })
  search: boolean | null;

  @Flag('Holds in the view of the organisation.', { nullable: true })
  nodeList: boolean | null;

  @Flag('Holds in the subtitle of a chat.', { nullable: true })
  chatboxSubtitle: boolean | null;
}
