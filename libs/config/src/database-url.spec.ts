import { describe, expect, it } from '@jest/globals';
import { parseDatabaseUrl } from './database-url.js';

describe('the address of the database', () => {
  it.each([
    ['postgres://localhost/trail', { host: 'localhost', port: 5432, database: 'trail', tls: 'disable' }],
    [
      'postgresql://gate%40way:p%2Fw@db.example:6432/tr%20ail?sslmode=verify-full&sslrootcert=/etc/ca.pem',
      {
        ...{ host: 'db.example', port: 6432, database: 'tr ail', user: 'gate@way', password: 'p/w' },
        ...{ tls: 'verify-full', rootCertificate: '/etc/ca.pem' },
      },
    ],
    ['postgres://gateway@[::1]/trail?sslmode=require', { host: '::1', user: 'gateway', tls: 'require' }],
    ['postgres://gateway@localhost/trail?host=/var/run/postgresql', { host: '/var/run/postgresql', user: 'gateway' }],
  ])('is read: %s', (text, address) => {
    expect(parseDatabaseUrl(text)).toMatchObject(address);
  });

  it.each([
    'mysql://localhost/trail',
    'postgres://localhost',
    'postgres://localhost/',
    'postgres:///trail',
    'localhost/trail',
    'postgres://localhost/trail?sslmode=prefer',
    'postgres://localhost/trail?sslmode=verify-ca',
    'postgres://localhost/trail?sslcert=x',
    'postgres://localhost/trail?sslmode=require&sslrootcert=/etc/ca.pem',
    'postgres://localhost/trail#x',
    'postgres://localhost:99999/trail',
    'postgres://%zz@localhost/trail',
    '',
  ])('is none: %j', (text) => {
    expect(parseDatabaseUrl(text)).toBeUndefined();
  });
});
