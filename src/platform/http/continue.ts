import type { IncomingMessage, ServerResponse } from 'node:http'

const heldBack = new WeakSet<IncomingMessage>()

/** Remembers that a client sends its body only when it is told to (`Expect: 100-continue`, RFC 9110 §10.1.1). */
export function holdBack(request: IncomingMessage): void {
  heldBack.add(request)
}

/** Tells a client that waits for it to send its body. */
export function letCome(request: IncomingMessage, response: ServerResponse): void {
  if (heldBack.delete(request)) response.writeContinue()
}
