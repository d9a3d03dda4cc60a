/**
 * What rdma(8) tells of RDMA memory regions: device, length, and the process that registered them while it lives. When
 * that process is gone the kernel prints a region without any pid (drivers/infiniband/core/nldev.c fill_res_name_pid),
 * and which file's pages it holds is told for none.
 */
import { execa } from 'execa';
import { err, ok, type Result } from '../../base/result.ts';
import { listNames, readText } from './proc-file.ts';

export interface RdmaRegion {
  /** "rxe0". */
  readonly device: string;
  /** The region's number on that device; -1 where it is not told. */
  readonly number: number;
  readonly bytes: number;
  /** Address of its first byte for the device, most often the user's own; null where it is not told (without -dd). */
  readonly iova: number | null;
  /** null: the process is gone; or the kernel itself has the region, and then `comm` is its user's name in brackets. */
  readonly pid: number | null;
  readonly comm: string;
}

/** A context: an open uverbs file that a process made, as long as that process lives. */
export interface RdmaContext {
  readonly device: string;
  readonly pid: number | null;
  readonly comm: string;
}

/** The registered memory regions; the error says why they are not known. */
export async function readRdmaRegions(): Promise<Result<readonly RdmaRegion[]>> {
  const shown = await showResources('mr');
  return shown.ok ? ok(parseRdmaRegions(shown.value)) : shown;
}

/** The open contexts. */
export async function readRdmaContexts(): Promise<Result<readonly RdmaContext[]>> {
  const shown = await showResources('ctx');
  return shown.ok ? ok(parseRdmaContexts(shown.value)) : shown;
}

/** The RDMA device behind /dev/infiniband/NAME, or null: "uverbs0" → "rxe0". */
export function rdmaDeviceOf(uverbs: string, sysRoot = '/sys'): string | null {
  return readText(`${sysRoot}/class/infiniband_verbs/${uverbs}/ibdev`)?.trim() || null;
}

/** The RDMA devices of this machine; none where there is no RDMA at all, and then nothing need be asked. */
export function listRdmaDevices(sysRoot = '/sys'): readonly string[] {
  return listNames(`${sysRoot}/class/infiniband`);
}

/** Parses `rdma -j -d resource show mr`. What is no region is passed over. */
export function parseRdmaRegions(json: string): readonly RdmaRegion[] {
  return parseObjects(json).flatMap((object) => {
    const { ifname, mrlen } = object;
    if (typeof ifname !== 'string' || typeof mrlen !== 'number') return [];
    return [
      {
        device: ifname,
        number: typeof object.mrn === 'number' ? object.mrn : -1,
        bytes: mrlen,
        iova: addressOf(object.iova),
        ...ownerOf(object),
      },
    ];
  });
}

/** Parses `rdma -j resource show ctx`. */
export function parseRdmaContexts(json: string): readonly RdmaContext[] {
  return parseObjects(json).flatMap((object) =>
    typeof object.ifname === 'string' ? [{ device: object.ifname, ...ownerOf(object) }] : [],
  );
}

async function showResources(what: 'mr' | 'ctx'): Promise<Result<string>> {
  const run = await execa('rdma', ['-j', '-d', 'resource', 'show', what], {
    reject: false,
    timeout: 5_000,
    stdin: 'ignore',
  });
  if (run.code === 'ENOENT') return err('rdma(8) is not installed (package iproute2)');
  if (run.exitCode !== 0) {
    return err(
      `rdma resource show ${what} failed: ${run.stderr.trim() || run.shortMessage || 'no reason given'}`,
    );
  }
  return ok(run.stdout);
}

type JsonObject = Readonly<Record<string, unknown>>;

function parseObjects(json: string): readonly JsonObject[] {
  try {
    const parsed: unknown = JSON.parse(json);
    // Up to iproute2 5.x each region is an array of its own.
    return Array.isArray(parsed) ? parsed.flat().filter(isObject) : [];
  } catch {
    return [];
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function ownerOf(object: JsonObject): { readonly pid: number | null; readonly comm: string } {
  return {
    pid: typeof object.pid === 'number' && object.pid > 0 ? object.pid : null,
    comm: typeof object.comm === 'string' ? object.comm : '',
  };
}

/** iproute2 prints addresses as numbers or as hex text, by version. */
function addressOf(value: unknown): number | null {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || !/^(0x)?[0-9a-f]+$/i.test(value)) return null;
  return Number.parseInt(value.replace(/^0x/i, ''), 16);
}
