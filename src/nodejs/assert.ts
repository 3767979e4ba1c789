/** node:assert: the package assert, which is the assert of Node.js without its look at source files. */

import assert from 'assert/build/assert.js';

export default assert;
