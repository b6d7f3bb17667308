const DIGITS = '0123456789abcdefghjkmnpqrstvwxyz'

/** Bytes in lower-case Crockford base32, five bits a digit, the last one filled with zeros: survives any mail server that folds case. */
export function toBase32(bytes: Uint8Array): string {
  let text = ''
  let bits = 0
  let rest = 0
  for (const byte of bytes) {
    rest = (rest << 8) | byte
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += DIGITS[(rest >> bits) & 31]
      rest &= (1 << bits) - 1
    }
  }
  return bits === 0 ? text : text + DIGITS[(rest << (5 - bits)) & 31]
}
