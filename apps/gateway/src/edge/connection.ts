import type { EmployeeConnection } from '#contact';
import type { Page } from '#contract';

/** A page as GraphQL tells it; what its nodes lack is filled in when it is asked for. */
export const connectionOf = ({ edges, pageInfo }: Page<object>): EmployeeConnection => ({
  edges: edges as EmployeeConnection['edges'],
  nodes: edges.map(({ node }) => node) as EmployeeConnection['nodes'],
  pageInfo,
});
