/** Ends what is left of a program in a guest, however many processes it has become. */
import type { Guest } from './guest.ts';

/** Kills all processes of /usr/local/bin/NAME and waits until they are gone; false when something survives SIGKILL. */
export async function endLeftovers(guest: Guest, name: string): Promise<boolean> {
  // not by process name: the kernel cuts that at 15 bytes, and stories change it
  const script = `
    for try in 1 2 3 4 5 6 7 8 9 10; do
      pids=$(find /proc/[0-9]*/exe -lname "/usr/local/bin/$1" 2>/dev/null | cut -d / -f 3)
      [ -z "$pids" ] && exit 0
      kill -KILL $pids 2>/dev/null
      sleep 0.5
    done
    exit 1`;
  return (await guest.run(['sh', '-c', script, 'sh', name], { timeoutMs: 60_000 })).exitCode === 0;
}
