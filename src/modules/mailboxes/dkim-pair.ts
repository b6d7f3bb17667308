import { generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'

/** What signers must offer and verifiers must take (RFC 8301 §3.2); longer keys do not fit into one answer of the DNS everywhere. */
const BITS = 2048

/** A new pair of keys for DKIM: the private one as PEM (PKCS #8), the public one as its record has it. Takes a tenth of a second in a thread. */
export async function newDkimPair(): Promise<{ private_key: string; public_key: string }> {
  const { privateKey, publicKey } = await promisify(generateKeyPair)('rsa', { modulusLength: BITS })
  return {
    private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    public_key: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
  }
}
