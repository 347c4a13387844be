import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const DAYS = '2';

export interface Certificate {
  /** PEM. */
  key: string;
  cert: string;
  /** Where the certificate is: for `NODE_EXTRA_CA_CERTS`. */
  file: string;
}

/** A certificate for these hosts that vouches for itself, made by openssl in `folder`. */
export function makeCertificate(folder: string, hosts: readonly string[]): Certificate {
  const [keyFile, file] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const names = hosts.map((host) => `DNS:${host}`).join(',');
  const words = [
    ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', DAYS],
    ['-subj', '/CN=Troupe test', '-addext', `subjectAltName=${names}`, '-keyout', keyFile, '-out', file],
  ].flat();
  execFileSync('openssl', words, { stdio: 'pipe' });
  return { key: readFileSync(keyFile, 'utf8'), cert: readFileSync(file, 'utf8'), file };
}

/** Whether there is an openssl to make one with: where not, what needs a certificate is skipped, visibly. */
export function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
