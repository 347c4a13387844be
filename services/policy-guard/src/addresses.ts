import { cut } from '@troupe/contract';
import { type FoundAddress, findAddresses } from './find-addresses.ts';
import { visible } from './invisible.ts';

/** What an address in a report becomes: a link to `href`, or a text that only shows it. */
export type Judged = { ok: true; href: string } | { ok: false; shown: string };

/** Which addresses a report may link to and show images of. */
export interface Addresses {
  link(address: string): Judged;
  image(address: string): Judged;
}

/** The longest address that is linked because its host is named: a longer one could carry data out. */
const LINK_CHARS_MAX = 512;
/** The longest address that is linked because the goal or a citation holds exactly it. */
const NAMED_CHARS_MAX = 2_048;
/** Characters of an address that is only shown. */
const SHOWN_CHARS_MAX = 200;

const HOST = /(?:[\p{L}\p{N}-]{1,63}\.){1,8}\p{L}[\p{L}\p{N}-]{1,62}/gu;
const ANCHOR = /^#[\w-]{0,100}$/;

/**
 * Links go to the hosts that the goal or the policy names (`*.example.org` names all below it), and to the addresses
 * that a cited text holds, exactly those: a document could name its author's host, but not what a model would send
 * there. Images come from hosts of the policy alone.
 */
export function addressesOf(
  goal: string,
  citedTexts: readonly string[],
  policy: { link_hosts: readonly string[]; image_hosts: readonly string[] },
): Addresses {
  const goalHosts = new Set((visible(goal).text.match(HOST) ?? []).flatMap((host) => hostOf(`http://${host}/`) ?? []));
  const isNamed = (host: string) => goalHosts.has(host) || namesHost(policy.link_hosts, host);
  const exact = new Set(citedTexts.concat(goal).flatMap((text) => addressesIn(visible(text).text)));
  return {
    link: (address) => {
      if (ANCHOR.test(address)) return { ok: true, href: address };
      const read = readAddress(address);
      const isExact = read !== undefined && exact.has(read.key) && address.length <= NAMED_CHARS_MAX;
      const isBounded = read !== undefined && address.length <= LINK_CHARS_MAX && isNamed(read.host);
      return isExact || isBounded ? { ok: true, href: read.href } : { ok: false, shown: shownForm(address) };
    },
    image: (address) => {
      const read = readAddress(address);
      const isAllowed =
        read !== undefined && address.length <= LINK_CHARS_MAX && namesHost(policy.image_hosts, read.host);
      return isAllowed ? { ok: true, href: read.href } : { ok: false, shown: shownForm(address) };
    },
  };
}

const namesHost = (hosts: readonly string[], host: string): boolean =>
  hosts.some((named) => (named.startsWith('*.') ? host.endsWith(named.slice(1)) : host === named));

const addressesIn = (text: string): string[] =>
  findAddresses(text).flatMap(({ address }: FoundAddress) => readAddress(address)?.key ?? []);

interface Read {
  host: string;
  /** As it stands in a link: ASCII, nothing in it that Markdown or HTML would read. */
  href: string;
  /** Equal for spellings of the same address. */
  key: string;
}

/** Reads an http(s) or mail address as a browser would; undefined for every other, and for what only looks like one. */
function readAddress(address: string): Read | undefined {
  // Browsers drop control characters and turn backslashes; nothing honest needs either.
  if (/[\s\\<>"`]/u.test(address) || visible(address).removed > 0) return undefined;
  const mail = /^(?:mailto:)?([\w.+-]{1,64})@([\w.-]{1,255})$/i.exec(address);
  if (mail !== null) {
    const host = hostOf(`http://${mail[2] ?? ''}/`);
    return host === undefined ? undefined : { host, href: `mailto:${mail[1]}@${host}`, key: `${mail[1]}@${host}` };
  }
  const url = urlOf(/^www\./i.test(address) ? `http://${address}` : address);
  if (url === undefined || url.username !== '' || url.password !== '') return undefined;
  const key = `${url.host}${url.pathname.replace(/\/$/, '')}${url.search}${url.hash}`;
  return { host: url.hostname, href: isClean(address) ? address : escaped(url.href), key };
}

/** What has no meaning in Markdown and HTML, wherever it stands; a name and a semicolon behind `&` would be an entity. */
const isClean = (address: string): boolean => /^https?:\/\/(?:[\w.:/?#=%~+,;$-]|&(?![#\w]{1,40};))+$/i.test(address);

const escaped = (href: string): string =>
  href.replaceAll(
    /[^\w.:/?#=%~+,;$&-]|&(?=[#\w]{1,40};)/g,
    (found) => `%${found.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );

function urlOf(address: string): URL | undefined {
  if (!/^https?:\/\/[^/]/i.test(address)) return undefined;
  const url = URL.parse(address);
  return url === null || url.hostname === '' ? undefined : url;
}

const hostOf = (address: string): string | undefined => urlOf(address)?.hostname;

/** An address for the eye alone, inside a code span: punycode for letters of other scripts in the host, bounded. */
function shownForm(address: string): string {
  const compact = visible(address.slice(0, NAMED_CHARS_MAX)).text.trim();
  const text = (urlOf(compact)?.href ?? compact).replaceAll(/\s+/g, ' ');
  return cut(text, SHOWN_CHARS_MAX).replaceAll('`', '%60').replaceAll('|', '%7C');
}
