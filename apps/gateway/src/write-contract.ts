import { writeFile } from 'node:fs/promises';
import { generateOpenApi, generateSchema } from './edge/contract.js';

await writeFile('schema.graphql', await generateSchema());
await writeFile('openapi.json', await generateOpenApi());
process.stdout.write('schema.graphql and openapi.json are written.\n');
