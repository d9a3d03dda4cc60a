/*
 * Whopins comes when everything has happened: A pinned by a pipe, gave it to B and died, and C's truncate has hung for a
 * second. No event will come any more; see handed-over.h.
 */
#include "handed-over.h"

int main(void) { return play_handed_over("already-hung", SENT_BY_A, true, AFTER_TRUNCATE); }
