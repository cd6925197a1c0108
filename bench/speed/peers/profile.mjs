// What the peers that are written by hand share: the schema, and DingTalk by axios.
import axios from 'axios';

export const typeDefs = /* GraphQL */ `
  type User {
    unionId: ID!
    nick: String
    avatarUrl: String
    mobile: String
    email: String
    stateCode: String
  }
  type Query {
    user(unionId: ID!): User
  }
`;

const headers = { 'x-acs-dingtalk-access-token': 'a-token-of-the-person' };

export async function profile(unionId) {
  const url = `${process.env.UPSTREAM}/v1.0/contact/users/${encodeURIComponent(unionId)}`;
  return (await axios.get(url, { headers })).data;
}

export const resolvers = { Query: { user: (_, { unionId }) => profile(unionId) } };
