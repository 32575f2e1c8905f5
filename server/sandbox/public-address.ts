// Which addresses lie on the public internet; everything else a trial never reaches, whatever name it hides behind.
import { BlockList, isIP, isIPv6 } from 'node:net'
import { networkInterfaces } from 'node:os'

/** IPv4 that is not public (RFC 6890 and friends), and one public address that clouds use for their own metadata. */
const special4: [network: string, prefix: number][] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  ['168.63.129.16', 32],
]

/** Inside the global IPv6 range but leading elsewhere: Teredo, ORCHID, documentation, 6to4. */
const special6: [network: string, prefix: number][] = [
  ['2001::', 32],
  ['2001:10::', 28],
  ['2001:20::', 28],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
]

const blocked = new BlockList()
for (const [network, prefix] of special4) blocked.addSubnet(network, prefix, 'ipv4')
for (const [network, prefix] of special6) blocked.addSubnet(network, prefix, 'ipv6')
const global6 = new BlockList()
global6.addSubnet('2000::', 3, 'ipv6')

/** Is this IP address public, and not one of this machine's own? */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address)
  if (family === 0 || isOwn(address)) return false
  if (family === 4) return !blocked.check(address, 'ipv4')
  // Mapped, compatible, NAT64, unique local, link-local and multicast addresses all lie outside 2000::/3.
  return global6.check(address, 'ipv6') && !blocked.check(address, 'ipv6')
}

function isOwn(address: string): boolean {
  return Object.values(networkInterfaces())
    .flat()
    .some((own) => own && (own.address === address || (isIPv6(address) && sameIPv6(own.address, address))))
}

function sameIPv6(own: string, address: string): boolean {
  if (!isIPv6(own)) return false
  const list = new BlockList()
  list.addAddress(own.split('%')[0] ?? own, 'ipv6')
  return list.check(address.split('%')[0] ?? address, 'ipv6')
}
