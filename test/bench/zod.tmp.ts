import { readFileSync } from 'node:fs';
import { Message, decode, encode, misfit, parse } from '@troupe/contract';
const got = JSON.parse(readFileSync('/tmp/ab/run.json','utf8')).map((x: any) => Buffer.from(x.data, 'base64'));
const t = (name: string, f: () => void, n = 3000) => { for (let i = 0; i < n; i++) f(); const s = process.cpuUsage(); for (let i = 0; i < n; i++) f(); const e = process.cpuUsage(s); return (e.user + e.system) / n; };
const one = got.slice(0, Math.round(got.length / 3));
let tot = [0,0,0,0,0];
for (const bytes of one) { const v: any = decode(bytes);
  const m = Message.parse(v); if (parse(Message, v).data !== v) console.log('slow', v.type);
  const r = [t('decode', () => void decode(bytes)), t('parse', () => void parse(Message, v)), t('misfit', () => void misfit(m)), t('encode', () => void encode(m)), bytes.length];
  r.forEach((x, i) => tot[i]! += x); }
console.log('decode/parse/misfit/encode us per run', tot.map(x => x.toFixed(0)).join(' '));
