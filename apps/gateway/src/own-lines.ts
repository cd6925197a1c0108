import { readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload, type SourceOrigin } from 'node:module';
import { fileURLToPath } from 'node:url';

type Site = NodeJS.CallSite & { toString(): string };

const maps = new Map<string, SourceMap | undefined>();

/** The map beside a file of ours, read when the first stack of it is told. */
function mapOf(url: string): SourceMap | undefined {
  if (!maps.has(url)) maps.set(url, readMap(url));
  return maps.get(url);
}

function readMap(url: string): SourceMap | undefined {
  if (!url.startsWith('file:') || url.includes('/node_modules/')) return undefined;
  try {
    return new SourceMap(JSON.parse(readFileSync(fileURLToPath(`${url}.map`), 'utf8')) as SourceMapPayload);
  } catch {
    return undefined;
  }
}

/** One step of a stack, by the place in our source where there is a map of it. */
function placed(site: Site): string {
  const [url, line, column] = [site.getFileName(), site.getLineNumber(), site.getColumnNumber()];
  if (!url || !line || !column) return site.toString();
  const own: Partial<SourceOrigin> = mapOf(url)?.findOrigin(line, column) ?? {};
  if (own.fileName === undefined) return site.toString();
  const source = new URL(own.fileName, url);
  // What stands in the bundle for one of Node's modules has no file.
  if (source.protocol !== 'file:') return site.toString();
  const place = `${fileURLToPath(source)}:${own.lineNumber}:${own.columnNumber}`;
  return site.toString().replace(`${url}:${line}:${column}`, () => place);
}

/** As Node.js tells it, whatever an error makes of itself: GraphQL's would tell the document of whoever asked. */
function headOf(error: Error & { readonly code?: unknown }): string {
  try {
    const { name, message, code } = error;
    if (String(code).startsWith('ERR_')) return `${name} [${String(code)}]: ${message}`;
    return Error.prototype.toString.call(error);
  } catch {
    return 'Error';
  }
}

/**
 * Stacks show our own lines, of code that was bundled too. By Node's own way, `process.setSourceMapsEnabled`, each file's map
 * would be read, and the length of each of its lines noted, when the file is loaded: four per cent of a start.
 */
export function showOwnLines(): void {
  Error.prepareStackTrace = (error, sites) => [headOf(error), ...sites.map(placed)].join('\n    at ');
}
