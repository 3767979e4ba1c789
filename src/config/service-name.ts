/** How services, sockets and groups may be named. Shared by the schemas. */
export const serviceName = /^[A-Za-z0-9_][\w.:@-]{0,127}$/u;
export const nameText = 'at most 128 letters, digits and `_ . : @ -`, starting with a letter, a digit or `_`';
