import type { Character } from '../character.ts';
import { competent } from './competent.ts';
import { forgetful } from './forgetful.ts';
import { hostile } from './hostile.ts';
import { refusing } from './refusing.ts';
import { sloppy } from './sloppy.ts';
import { slow } from './slow.ts';
import { verbose } from './verbose.ts';

/** Everybody that can play a model. */
export const CAST: readonly Character[] = [competent, verbose, sloppy, slow, forgetful, refusing, hostile];

export function characterNamed(wanted: string): Character {
  const found = CAST.find(({ name }) => name === wanted);
  if (found === undefined)
    throw new Error(`There is no character ${wanted}. There are ${CAST.map(({ name }) => name).join(', ')}.`);
  return found;
}
