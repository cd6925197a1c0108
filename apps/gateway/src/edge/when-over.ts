import type { FastifyReply } from 'fastify';

const OVER = Symbol('what is done when the request is over');

type Watched = FastifyReply['raw'] & { [OVER]?: (() => void)[] };

/**
 * Does something once when a request is over, be it answered or its caller gone. The answer to a request that stands in
 * line behind another on its connection never closes when that breaks: the connection itself does.
 */
export function whenOver({ raw, request }: FastifyReply, work: () => void): void {
  const watched: Watched = raw;
  if (watched[OVER]) watched[OVER].push(work);
  else watch(watched, request.raw.socket, [work]);
}

function watch(raw: Watched, socket: FastifyReply['request']['raw']['socket'], works: (() => void)[]): void {
  raw[OVER] = works;
  const end = () => {
    raw.off('close', end);
    socket.off('close', end);
    for (const work of works.splice(0)) work();
  };
  raw.on('close', end);
  socket.on('close', end);
}
