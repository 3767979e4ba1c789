/** Certificates and keys in a configuration: as text, from files, and everything that can be wrong with them. */
import t from 'tap';
import { makeConfigPowers } from '../../src/config/powers.ts';
import { readConfig } from '../../src/config/load.ts';
import { describeError } from '../../src/shared/errors.ts';
import { makeAuthority, makeKeypair } from '../helpers/certificates.ts';
import { accept, refuse } from '../helpers/config.ts';

const authority = makeAuthority();
const pair = makeKeypair(authority, 'a.test');
const other = makeKeypair(authority, 'b.test');

function network(tls: object): object {
  return { apps: [], services: [{ name: 'net', kind: 'network', tls }] };
}

t.test('what is not said of TLS is as it is for everybody', async (t) => {
  const { services } = await accept(network({}));
  t.match(services[0], {
    tls: { trustBrowserCas: true, trustedCertificates: [], keypair: undefined, minVersion: undefined },
  });
});

t.test('texts and files are the same', async (t) => {
  const directory = t.testdir({
    'a.pem': pair.certificate,
    'a.key': pair.privateKey,
    'ca.pem': authority.certificate,
  });
  const rest = { trustBrowserCas: false, minVersion: 'TLSv1.3', cipherList: 'HIGH' };
  const texts = await accept(
    network({
      keypair: { certificate: pair.certificate, privateKey: pair.privateKey },
      trustedCertificates: [authority.certificate],
      ...rest,
    }),
  );
  const value = network({
    keypair: { certificate: { file: 'a.pem' }, privateKey: { file: './a.key' } },
    trustedCertificates: [{ file: 'ca.pem' }],
    ...rest,
  });
  const powers = makeConfigPowers({ cwd: directory, environment: {} });
  const { config } = await readConfig(value, { baseDir: directory, powers });
  t.strictSame(config?.services[0], texts.services[0]);
  t.match(texts.services[0], { tls: { ...rest, keypair: { certificate: pair.certificate } } });
});

t.test('a file that cannot be read is an error where it is named', async (t) => {
  const directory = t.testdir({ folder: {}, 'latin.pem': Buffer.from([0x2d, 0xe9]) });
  const value = network({
    trustedCertificates: [{ file: 'none.pem' }, { file: 'folder' }, { file: 'latin.pem' }, { file: '' }, {}],
  });
  const powers = makeConfigPowers({ cwd: directory, environment: {} });
  const { errors = [] } = await readConfig(value, { baseDir: directory, powers });
  const path = 'services[0].tls.trustedCertificates';
  const texts = errors.map((error) => `${error.code} ${describeError(error)}`).sort();
  t.match(texts[0], /^CONFIG_CERTIFICATE .*trustedCertificates\[0\].*\(ENOENT\)/u);
  t.match(texts[1], /^CONFIG_CERTIFICATE .*trustedCertificates\[1\].*\(EISDIR\)/u);
  t.match(texts[2], /^CONFIG_CERTIFICATE .*trustedCertificates\[2\]/u);
  t.strictSame(texts.slice(3), [
    `CONFIG_MISSING ${path}[4].file: is missing; expected the path of a file`,
    `CONFIG_VALUE ${path}[3].file: expected the path of a file, found the string ""`,
  ]);
});

t.test('what is no certificate, no key, or not its key is an error that shows nothing of it', async (t) => {
  const errors = await refuse({
    apps: [],
    services: [
      {
        name: 'a',
        kind: 'network',
        tls: { trustedCertificates: ['x', pair.privateKey, authority.certificate] },
      },
      {
        name: 'b',
        kind: 'network',
        tls: { keypair: { certificate: pair.certificate, privateKey: other.privateKey } },
      },
      {
        name: 'c',
        kind: 'network',
        tls: { keypair: { certificate: pair.certificate, privateKey: pair.certificate } },
      },
      { name: 'd', kind: 'network', tls: { cipherList: 'NONE:SUCH', minVersion: 'SSLv3' } },
      { name: 'e', kind: 'network', tls: { keypair: { certificate: pair.certificate } } },
      { name: 'f', kind: 'network', tls: { trustedCertificates: [`${authority.certificate}${broken}`] } },
    ],
  });
  t.match(errors.sort(), [
    /^CONFIG_CERTIFICATE services\[0\]\.tls\.trustedCertificates\[0\]: /u,
    /^CONFIG_CERTIFICATE services\[0\]\.tls\.trustedCertificates\[1\]: /u,
    /^CONFIG_CERTIFICATE services\[1\]\.tls\.keypair\.privateKey: .*not the key of the certificate/u,
    /^CONFIG_CERTIFICATE services\[2\]\.tls\.keypair\.privateKey: /u,
    /^CONFIG_CERTIFICATE services\[3\]\.tls\.cipherList: /u,
    /^CONFIG_CERTIFICATE services\[5\]\.tls\.trustedCertificates\[0\]: /u,
    /^CONFIG_MISSING services\[4\]\.tls\.keypair\.privateKey: /u,
    /^CONFIG_VALUE services\[3\]\.tls\.minVersion: .*found the string "SSLv3"$/u,
  ]);
  t.equal(errors.length, 8);
});

const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
