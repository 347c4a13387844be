import { z } from 'zod';

/**
 * Sends what goes to some origins to others, below the SDKs, which keep their default addresses:
 * `NODE_OPTIONS="--import …/redirect.fixture.ts" TROUPE_TEST_REDIRECT='{"https://api.anthropic.com":"http://127.0.0.1:1234"}'`.
 * Whatever else would leave this machine fails.
 */
const origins = new Map(
  Object.entries(z.record(z.url(), z.url()).parse(JSON.parse(process.env['TROUPE_TEST_REDIRECT'] ?? '{}'))),
);
const direct = globalThis.fetch;

globalThis.fetch = (input, init) => {
  const url = new URL(input instanceof Request ? input.url : input);
  const target = origins.get(url.origin);
  if (target === undefined) {
    if (isHere(url)) return direct(input, init);
    return Promise.reject(new TypeError(`No test goes to ${url.origin}.`));
  }
  const redirected = new URL(`${url.pathname}${url.search}`, target);
  return direct(input instanceof Request ? new Request(redirected, input) : redirected, init);
};

const isHere = ({ hostname, protocol }: URL): boolean =>
  protocol === 'data:' || hostname === '127.0.0.1' || hostname === 'localhost';
