// Load over raw sockets, one request at a time on each: node loader.mjs, and a job over IPC for each measurement.
import { connect } from 'node:net';

const END = Buffer.from('\r\n\r\n');
const CHUNKED_END = Buffer.from('\r\n0\r\n\r\n');

/** How many bytes the answer that starts the data has, 0 while it is not whole. */
function lengthOf(data) {
  const headEnd = data.indexOf(END);
  if (headEnd < 0) return 0;
  const length = /content-length: (\d+)/i.exec(data.latin1Slice(0, headEnd));
  if (length) {
    const end = headEnd + END.length + Number(length[1]);
    return data.length >= end ? end : 0;
  }
  const end = data.indexOf(CHUNKED_END, headEnd);
  return end < 0 ? 0 : end + CHUNKED_END.length;
}

function isRight(data, mustHold) {
  const text = data.latin1Slice();
  return text.startsWith('HTTP/1.1 200') && text.includes(mustHold) && !text.includes('"errors"');
}

/** Each id is asked for once: what is remembered or joined would not be measured. `{id}` stands for it in a request, `{mark}` for one of so many marks. */
function requestsOf({ request, people, marks = 1 }) {
  let next = Math.floor(Math.random() * 1e9);
  const { head, body } = request;
  const nextId = () => `u${String(people ? next++ % people : next++).padStart(10, '0')}`;
  return () => {
    const mark = next % marks;
    const fill = (text) => text.replaceAll('{mark}', mark).replaceAll('{id}', nextId);
    const filled = fill(body);
    const length = filled && `content-length: ${Buffer.byteLength(filled)}\r\n`;
    return `${fill(head)}${length}\r\n${filled}`;
  };
}

/** One connection: a request, its answer, and again until the time is up. */
function converse({ port, mustHold, nextRequest, endMs, results }) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  let [left, sentMs] = [undefined, 0];
  const send = () => {
    sentMs = performance.now();
    socket.write(nextRequest());
  };
  socket.once('connect', send);
  socket.on('data', (data) => {
    const answer = left ? Buffer.concat([left, data]) : data;
    left = answer;
    if (lengthOf(answer) === 0) return;
    left = undefined;
    const nowMs = performance.now();
    results.took.push(nowMs - sentMs);
    if (!isRight(answer, mustHold)) results.wrong.push(answer);
    if (nowMs >= endMs) socket.destroy();
    else send();
  });
  return new Promise((done) => {
    socket.once('error', done);
    socket.once('close', done);
  });
}

/** One measurement: so many connections for so long. */
async function measure({ connections, seconds, ...job }) {
  const results = { took: [], wrong: [] };
  const endMs = performance.now() + seconds * 1000;
  const shared = { ...job, nextRequest: requestsOf(job), endMs, results };
  await Promise.all(Array.from({ length: connections }, () => converse(shared)));
  return results;
}

process.on('message', async (job) => {
  const startMs = performance.now();
  const { took, wrong } = await measure(job);
  const seconds = (performance.now() - startMs) / 1000;
  const sorted = Float64Array.from(took).sort();
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
  process.send({
    count: took.length,
    seconds,
    wrong: wrong.length,
    sample: String(wrong[0] ?? ''),
    p50: at(0.5),
    p99: at(0.99),
  });
});
