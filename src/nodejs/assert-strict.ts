/** node:assert/strict */

import assert from 'assert/build/assert.js';

export default assert['strict'] as object;
