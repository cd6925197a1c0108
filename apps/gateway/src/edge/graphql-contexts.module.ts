import { Module } from '@nestjs/common';
import { AccessModule } from '#access';
import { ContactModule } from '#contact';
import { GraphQLContexts } from './graphql-contexts.js';
import { TrustedDocuments } from './trusted-documents.js';

/** GraphQL's options are made in a module of their own. */
@Module({
  imports: [AccessModule, ContactModule],
  providers: [GraphQLContexts, TrustedDocuments],
  exports: [GraphQLContexts, TrustedDocuments],
})
export class GraphQLContextsModule {}
