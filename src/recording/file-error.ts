/** What went wrong with a file, in words: one place, so that every command says it alike. */

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or directory',
  ENOTDIR: 'a part of its path is not a directory',
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EISDIR: 'it is a directory',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space is left on the device',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file would become too large',
  EIO: 'the device reports an I/O error',
  EPIPE: 'nobody reads the other end',
};

/** The system's error code, or '' where the error has none. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** Describes a failed file operation, without the path. */
export function describeFileError(error: unknown): string {
  const code = errorCode(error);
  return WORDS[code] ?? (code === '' ? String(error) : code);
}
