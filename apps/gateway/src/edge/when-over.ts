import type { FastifyReply } from 'fastify';

/**
 * Does something once when a request is over, be it answered or its caller gone. The answer to a request that stands in
 * line behind another on its connection never closes when that breaks: the connection itself does.
 */
export function whenOver({ raw, request }: FastifyReply, work: () => void): void {
  const { socket } = request.raw;
  let isOver = false;
  const end = () => {
    if (isOver) return;
    isOver = true;
    socket.off('close', end);
    work();
  };
  raw.once('close', end);
  socket.once('close', end);
}
