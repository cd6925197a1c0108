// Apollo Server standalone.
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { resolvers, typeDefs } from './profile.mjs';

const listen = { port: Number(process.env.PORT), host: '127.0.0.1' };
await startStandaloneServer(new ApolloServer({ typeDefs, resolvers }), { listen });
