import { createServer, isIP, type Server } from 'node:net'
import type { FastifyInstance } from 'fastify'

// Who comes when the line is full is not told so, and tries again after one, three and seven seconds. The system may shorten it.
const BACKLOG = 4096
// Node takes one new connection from each listening socket in a turn of its event loop. In a rush turns are long: with one socket
// alone, new connections, those of health checks among them, would wait for many seconds while the known ones are answered.
const DOORS = 32

/**
 * Has a server listen on a port by several sockets (SO_REUSEPORT), where the system can. Rejects with EADDRINUSE, EACCES and the like;
 * a port on which another process listens, however it does, is refused.
 */
export async function listenOn(server: FastifyInstance, { host, port }: { host: string; port: number }): Promise<void> {
  const canShare = process.platform === 'linux' && isIP(host) !== 0
  if (!canShare) {
    await server.listen({ host, port, backlog: BACKLOG })
    return
  }
  await requireFree({ host, port })
  await server.listen({ host, port, backlog: BACKLOG, ...sharing })
  const doors: Server[] = []
  for (let i = 1; i < DOORS; i++) {
    // As Node's own server for HTTP has them.
    const door = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => server.server.emit('connection', socket))
    await begin(door, { host, port, ...sharing })
    doors.push(door)
  }
  closeTogether(server.server, doors)
}

/** A server is closed when its last connection is, by whichever door that came. */
function closeTogether(server: FastifyInstance['server'], doors: readonly Server[]): void {
  const closeAlone = server.close.bind(server)
  server.close = (done) => {
    const closed = doors.map((door) => endOf(door))
    return closeAlone((error) => void Promise.all(closed).then(() => done?.(error)))
  }
}

const sharing = { reusePort: true }

/** Sockets that share a port would let another process take part of its connections: alone is bound first. */
async function requireFree(address: { host: string; port: number }): Promise<void> {
  const probe = createServer()
  await begin(probe, address)
  await endOf(probe)
}

function endOf(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  server.close(() => resolve())
  return promise
}

function begin(server: Server, address: { host: string; port: number; reusePort?: boolean }): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen({ ...address, backlog: BACKLOG }, () => resolve())
  return promise
}
