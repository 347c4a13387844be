/**
 * The servers that a setting names, `nats://a:4222,nats://b:4222`: several are one cluster, and any of them will do.
 * Throws a sentence if it names none.
 */
export function serverUrls(setting: string): string[] {
  const urls = setting
    .split(',')
    .map((url) => url.trim())
    .filter((url) => url !== '');
  if (urls.length === 0) throw new Error(`NATS_URL names no server: "${setting}".`);
  return urls;
}
