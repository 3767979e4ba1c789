/** util.inspect and util.format: Node's own code, as the package node-inspect-extracted carries it. */

export { format, formatWithOptions, inspect, stripVTControlCharacters } from 'node-inspect-extracted';
