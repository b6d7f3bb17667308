/** What every answer tells a browser: it is data, to be neither framed, guessed at nor kept. */
export const SECURITY_HEADERS = {
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'same-site',
  'Cache-Control': 'no-store',
}

/** What pages of other origins may send, and what they may read of the answer. */
export function corsOptions(origins: readonly string[]) {
  return {
    origin: [...origins],
    strictPreflight: false,
    methods: ['GET', 'POST', 'PATCH', 'PUT', 'DELETE'],
    allowedHeaders: [
      'Authorization',
      'Content-Type',
      'If-Match',
      'If-None-Match',
      'If-Range',
      'Range',
      'Idempotency-Key',
      'Last-Event-ID',
    ],
    exposedHeaders: [
      'Accept-Ranges',
      'Content-Disposition',
      'Content-Range',
      'ETag',
      'Link',
      'Location',
      'RateLimit',
      'RateLimit-Policy',
      'Request-Id',
      'Retry-After',
      'Idempotent-Replayed',
    ],
    maxAge: 3600,
  }
}
