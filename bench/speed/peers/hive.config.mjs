// How mesh-compose makes Hive's supergraph of DingTalk's OpenAPI document.
import { defineConfig } from '@graphql-mesh/compose-cli';
import { loadOpenAPISubgraph } from '@omnigraph/openapi';

export const composeConfig = defineConfig({
  subgraphs: [
    {
      sourceHandler: loadOpenAPISubgraph('dingtalk', {
        source: './dingtalk.openapi.json',
        endpoint: process.env.UPSTREAM,
        operationHeaders: { 'x-acs-dingtalk-access-token': 'a-token-of-the-person' },
      }),
    },
  ],
});
