/** What the version of a bpftrace says about its rows and its language. */

/**
 * Whether it is older than 0.MINOR, for a version such as `v0.17.0` or `v0.23.2-14-gab12`. A major version above 0 is newer
 * than any minor one; a version that cannot be read is taken for a new one.
 */
export function isOlderThan(version: string, minor: number): boolean {
  const [, major, found] = /(\d+)\.(\d+)/.exec(version) ?? [];
  return major === '0' && Number(found) < minor;
}
