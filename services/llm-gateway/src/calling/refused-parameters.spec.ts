import { describe, expect, it } from 'vitest';
import { modelOf } from './calling.fixture.ts';
import { REMEMBERED_MODELS_MAX, REMEMBERED_PARAMETERS_MAX, RefusedParameters } from './refused-parameters.ts';

const model = modelOf('a');

describe('given parameters that a model has refused', () => {
  it('when more are refused later, then all are remembered, for that model alone', () => {
    const refused = new RefusedParameters();
    refused.remember(model, new Set(['store']));
    refused.remember(model, new Set(['strict']));
    refused.remember(model, new Set());
    expect([...refused.of(model)]).toEqual(['store', 'strict']);
    expect([...refused.of(modelOf('b'))]).toEqual([]);
  });

  it('when there are more than may be, or long ones, then they are not', () => {
    const refused = new RefusedParameters();
    const many = Array.from({ length: 2 * REMEMBERED_PARAMETERS_MAX }, (_, nth) => `p${nth}`);
    refused.remember(model, new Set(['x'.repeat(65), ...many]));
    expect([...refused.of(model)]).toEqual(many.slice(0, REMEMBERED_PARAMETERS_MAX));
  });

  it('when more models have refused something than may, then the first is forgotten', () => {
    const refused = new RefusedParameters();
    for (let nth = 0; nth <= REMEMBERED_MODELS_MAX; nth += 1) refused.remember(modelOf(`m${nth}`), new Set(['store']));
    expect([refused.of(modelOf('m0')).size, refused.of(modelOf('m1')).size]).toEqual([0, 1]);
  });
});
