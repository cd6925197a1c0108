import type { ApolloServerPlugin } from '@apollo/server';

const FIRST_QUERY = `# DingTalk contact gateway
#
# As an internal app, put under Headers:
#   {"Authorization": "Bearer <key>"}
# As a person, sign in first:
#   open /session/login?returnTo=/graphql
# The header x-csrf is there already. Then, for example:
#   query Me { me { nick mobile email } }

query Department {
  department(id: "1") {
    id
    name
    memberCount
  }
}
`;

/** GraphiQL from an npm package: one page that loads nothing from elsewhere. Imported on first use. */
export const explorerPlugin: ApolloServerPlugin = {
  serverWillStart: async () => ({
    renderLandingPage: async () => ({
      html: async () => {
        const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
        return renderGraphiQL({
          title: 'DingTalk contact gateway',
          endpoint: '/graphql',
          credentials: 'same-origin',
          defaultQuery: FIRST_QUERY,
          headers: JSON.stringify({ 'x-csrf': '1' }, null, 2),
          defaultEditorToolsVisibility: 'headers',
        });
      },
    }),
  }),
};
