/** Exit codes of the command line: a contract with scripts. 128 + signal number after a signal. */
export const EXIT = {
  fine: 0,
  ruleBroken: 1,
  wrongUse: 2,
  cannotTrace: 3,
  unreadable: 4,
} as const;
