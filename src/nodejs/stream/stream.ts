/** node:stream: the package readable-stream, with adapters to the streams of the web. */

import port from 'readable-stream/lib/stream.js';
import { addWebAdapters } from './web-adapters.ts';

addWebAdapters();
// As Node.js has it since version 22; the package is older.
port.setDefaultHighWaterMark(false, 65_536);

export default port;
