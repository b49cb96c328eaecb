import { generateKeyPairSync, sign } from 'node:crypto';

/** A value in DER, the form that certificates are written in. */
function der(tag: number, ...parts: readonly (Buffer | string)[]): Buffer {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part as string)));
  const { length } = body;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
}

const [INTEGER, BITS, OBJECT, TEXT, SEQUENCE, SET, TIME] = [0x02, 0x03, 0x06, 0x0c, 0x30, 0x31, 0x17] as const;
const ECDSA_WITH_SHA256 = der(SEQUENCE, der(OBJECT, Buffer.from('2a8648ce3d040302', 'hex')));
const NAME = der(SEQUENCE, der(SET, der(SEQUENCE, der(OBJECT, Buffer.from('550403', 'hex')), der(TEXT, 'localhost'))));
const YEARS = der(SEQUENCE, der(TIME, '200101000000Z'), der(TIME, '490101000000Z'));

/** A key, and a certificate that nobody but itself vouches for. Made anew each time, so that no key lies in the repository. */
export function selfSigned(): { key: string; cert: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const open = publicKey.export({ type: 'spki', format: 'der' });
  const content = der(SEQUENCE, der(INTEGER, Buffer.from([1])), ECDSA_WITH_SHA256, NAME, YEARS, NAME, open);
  const signature = der(BITS, Buffer.from([0]), sign('sha256', content, privateKey));
  const bytes = der(SEQUENCE, content, ECDSA_WITH_SHA256, signature);
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${bytes.toString('base64')}\n-----END CERTIFICATE-----\n`,
  };
}
