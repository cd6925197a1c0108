import { isIP } from 'node:net';

export const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.[0-9]{1,3}){3}$/.test(hostname);

/** `10.1.2.3`, `10.0.0.0/8`, `fd00::/8`. */
export function isNetwork(word: string): boolean {
  const [address = '', bits, ...more] = word.split('/');
  const version = isIP(address);
  if (version === 0 || more.length > 0) return false;
  return bits === undefined || (/^[1-9][0-9]{0,2}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
}

/** An origin as browsers send it: https, or http on this machine; no path, no wildcard. */
export function isOrigin(word: string): boolean {
  if (!URL.canParse(word)) return false;
  const { origin, protocol, hostname } = new URL(word);
  return origin === word && (protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname)));
}
