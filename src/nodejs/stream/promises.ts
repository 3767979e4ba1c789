/** node:stream/promises */

import stream from './stream.ts';

const { finished, pipeline } = stream.promises;

export default { finished, pipeline };
