import axios, { type AxiosAdapter, type AxiosResponse } from 'axios';
import type { Passage, Wire, WireAnswer, WireRequest } from './wire.js';

const http = axios.create({
  maxRedirects: 0,
  proxy: false,
  responseType: 'text',
  transformRequest: [(body: unknown) => body],
  transformResponse: [(body: unknown) => body],
  validateStatus: null,
});

/** The deadline is not axios' own `signal`, which would hide whether anything had been sent. */
const adapter =
  (wire: Wire, passage: Passage, { origin, path, method }: WireRequest): AxiosAdapter =>
  async (config) => {
    const headers = config.headers.toJSON() as Record<string, string>;
    const request = { method, origin, path, headers, body: config.data as string | undefined };
    const { status, headers: told, text } = await wire.exchange(request, passage);
    return { data: text, status, statusText: '', headers: told as AxiosResponse['headers'], config };
  };

/** Sends a request by axios, with whatever stands in its way there. */
export async function exchangeByAxios(wire: Wire, request: WireRequest, passage: Passage): Promise<WireAnswer> {
  const { method, origin, path, headers, body } = request;
  const response = await http.request<string>({
    ...{ method, url: origin + path, headers, data: body },
    adapter: adapter(wire, passage, request),
  });
  return { status: response.status, headers: response.headers as WireAnswer['headers'], text: response.data };
}
