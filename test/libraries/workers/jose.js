/** jose: signed and encrypted tokens, with keys of every kind, over crypto.subtle. */

import * as jose from 'jose';

const secret = new TextEncoder().encode('a secret of thirty-two bytes or so');
const claims = { sub: 'ada', scope: ['read'] };

/** Signs, publishes the public key as a set, and verifies with what was published. */
async function signAndVerify(alg) {
  const { publicKey, privateKey } = await jose.generateKeyPair(alg, { extractable: true });
  const token = await new jose.SignJWT(claims)
    .setProtectedHeader({ alg, kid: 'one' })
    .setIssuer('nanod')
    .setExpirationTime('1h')
    .sign(privateKey);
  const keys = jose.createLocalJWKSet({ keys: [{ ...(await jose.exportJWK(publicKey)), alg, kid: 'one' }] });
  const { payload } = await jose.jwtVerify(token, keys, { issuer: 'nanod' });
  const imported = await jose.importSPKI(await jose.exportSPKI(publicKey), alg);
  const [head, body, signature] = token.split('.');
  const forged = `${head}.${jose.base64url.encode(JSON.stringify({ ...claims, sub: 'eve' }))}.${signature}`;
  const refused = await jose.jwtVerify(forged, imported).catch(({ code }) => code);
  return [payload.sub, jose.decodeJwt(`${head}.${body}.`).iss, refused];
}

async function encrypt(alg, enc, key) {
  const token = await new jose.EncryptJWT(claims).setProtectedHeader({ alg, enc }).encrypt(key);
  return (await jose.jwtDecrypt(token, key, { keyManagementAlgorithms: [alg] })).payload.sub;
}

async function checkErrors() {
  const token = await new jose.SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime(1)
    .sign(secret);
  const expired = await jose.jwtVerify(token, secret).catch((error) => error);
  const wrong = await jose.jwtVerify(token, new Uint8Array(32)).catch((error) => error);
  const none = await jose.jwtVerify('a.b.c', secret).catch((error) => error);
  return [expired instanceof jose.errors.JWTExpired, wrong.code, none instanceof Error];
}

export default {
  async fetch(request) {
    const alg = new URL(request.url).searchParams.get('alg');
    if (alg !== null) return Response.json(await signAndVerify(alg));
    return Response.json({
      direct: await encrypt('dir', 'A256CBC-HS512', new Uint8Array(64)),
      wrapped: await encrypt('A128KW', 'A256GCM', new Uint8Array(16)),
      password: await encrypt('PBES2-HS256+A128KW', 'A128GCM', secret),
      errors: await checkErrors(),
      thumbprint: await jose.calculateJwkThumbprint({ kty: 'oct', k: jose.base64url.encode(secret) }),
    });
  },
};
