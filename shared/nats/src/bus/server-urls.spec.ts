import { expect, it } from 'vitest';
import { serverUrls } from './server-urls.ts';

it.each([
  ['nats://127.0.0.1:4222', ['nats://127.0.0.1:4222']],
  ['nats://a:4222,nats://b:4222', ['nats://a:4222', 'nats://b:4222']],
  [' nats://a:4222 , b:4222, ', ['nats://a:4222', 'b:4222']],
])('NATS_URL "%s" names each of its servers', (setting, urls) => {
  expect(serverUrls(setting)).toEqual(urls);
});

it.each(['', ' , '])('NATS_URL "%s" names no server, and that is said', (setting) => {
  expect(() => serverUrls(setting)).toThrow('NATS_URL names no server');
});
