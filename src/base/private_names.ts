/** The names of hosts that no public site can have. */

/**
 * Domains that no public site can have: `localhost` (RFC 6761), `local` (RFC
 * 6762), `home.arpa` (RFC 8375) and `internal` (ICANN) are reserved; `lan`, of
 * routers, and `svc`, of clusters, are not in the public DNS.
 */
const PRIVATE_DOMAIN = /\.(?:localhost|local|home\.arpa|internal|lan|svc)$/i;

/** Returns whether `name` has no dot, or is below a private domain. */
export function isPrivateName(name: string): boolean {
  return /^[^.:[\]]*$/.test(name) || PRIVATE_DOMAIN.test(name);
}
