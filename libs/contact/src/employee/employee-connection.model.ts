import { Field, ObjectType } from '@nestjs/graphql';
import { PageInfo, Shape, Shapes, Text } from '#contract';
import { Employee, ListedEmployee } from './employee.model.js';

@ObjectType({ description: 'An employee in a list.' })
export class EmployeeEdge {
  @Shape(() => Employee, 'The employee.', { nullable: true })
  node: ListedEmployee | null;

  @Text('Its place in the list.', { max: 256 })
  cursor: string;
}

@ObjectType({ description: 'A page of a list of employees, as Relay has it.' })
export class EmployeeConnection {
  @Shapes(() => EmployeeEdge, 'The employees, each with its cursor.', { maxItems: 100 })
  edges: EmployeeEdge[];

  // Of one that cannot be read the others are told all the same.
  @Field(() => [Employee], { description: 'The employees alone.', nullable: 'items' })
  nodes: ListedEmployee[];

  @Shape(() => PageInfo, 'Where the page stands.')
  pageInfo: PageInfo;
}
